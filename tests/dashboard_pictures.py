"""Draws the Grafana dashboard without Grafana: `python -m tests.dashboard_pictures FOLDER`.

The real proxy gets two minutes of traffic, and a real Prometheus scrapes it.  Each panel of
deploy/grafana/cors-proxy.json stands where the dashboard has it, with what its queries return."""

import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from tests.browser.conftest import chrome
from tests.browser.pictures import save, screen
from tests.prometheus import APP, Prometheus, Proxy, scraped
from tests.test_dashboards import BOARD, RULES, filled

SECONDS = 120  # of traffic
COLUMN, ROW, MARGIN = 52, 26, 12  # pixels of a cell of the dashboard's grid, and around it
COLOURS = ("#1f60c4", "#d9630d", "#2f7d24", "#c4162a", "#8f3bb8", "#078a96", "#8a6d00", "#555")
UNITS = {"reqps": "req/s", "cps": "lines/s"}  # the others show in the values, or are none
STYLE = """
body { position: relative; margin: 12px; font: 12px/1.3 sans-serif; color: #222; background: #fff }
section, h1 { position: absolute; box-sizing: border-box; margin: 0; overflow: hidden }
section { display: flex; flex-direction: column; padding: 6px 8px; border: 1px solid #ccc }
h1 { font-size: 15px; line-height: 24px } h2 { margin: 0; font-size: 13px }
small, th { font-size: 11px; font-weight: normal; color: #666 } b { margin: auto; font-size: 28px }
svg { flex: 1; min-height: 0; width: 100% } svg * { vector-effect: non-scaling-stroke }
table { border-spacing: 0 } th, td { padding: 1px 10px 1px 0; text-align: left }
ul { display: flex; flex-wrap: wrap; gap: 0 12px; margin: 2px 0 0; padding: 0; list-style: none; font-size: 11px }
"""
Series = list[tuple[str, list[tuple[float, float]]]]


def traffic(proxy: Proxy, rounds: int) -> None:
    """That of the tests, and more reasons to refuse."""
    proxy.traffic()
    for _ in range(rounds):
        for method in ("PUT",) * 6 + ("DELETE",):
            proxy.send("GET", "/items", Origin=APP)
            proxy.send("OPTIONS", "/items", Origin=APP, Access_Control_Request_Method=method)
        headers = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "x-team"}
        proxy.send("OPTIONS", "/items", Origin=APP, **headers)
        proxy.send("GET", "/items", Origin="null")
        proxy.send("GET", "/items")


def sent(expression: str) -> str:
    return filled(expression.replace("$__rate_interval", "15s").replace("$__range", "2m"))


def shown(value: float, unit: str) -> str:
    forms = {
        "dateTimeAsIso": f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M:%S}",
        "percentunit": f"{value * 100:.3g}%",
        "bytes": f"{value / (1 << 20):.1f} MiB",
        "s": f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s",
    }
    return forms.get(unit) or (f"{value:.2g}" if value < 1 else f"{value:.1f}".removesuffix(".0"))


def ranges(prometheus: Prometheus, panel: dict[str, Any], start: float, end: float) -> Series:
    found: Series = []
    for target in panel["targets"]:
        times = {"start": str(start), "end": str(end), "step": "1"}
        for each in prometheus.ask("query_range", query=sent(target["expr"]), **times)["result"]:
            legend = target.get("legendFormat", "")
            for name in re.findall(r"{{(\w+)}}", legend):
                legend = legend.replace(f"{{{{{name}}}}}", each["metric"].get(name, ""))
            points = [(float(at), float(value)) for at, value in each["values"] if value != "NaN"]
            if points:
                found.append((legend or "(none)", points))
    return found


def chart(series: Series, unit: str, start: float, end: float) -> str:
    top = max(value for _, points in series for _, value in points) or 1.0
    lines = items = ""
    for number, (legend, points) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        steps = (((at - start) / (end - start) * 400, 97 - value / top * 94) for at, value in points)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in steps)
        lines += f'<polyline points="{path}" stroke="{colour}"/>'
        items += f'<li style="color:{colour}">{escape(legend)}: {shown(points[-1][1], unit)}</li>'
    return (
        f"<small>0 to {shown(top, unit)}</small>"
        '<svg viewBox="0 0 400 100" preserveAspectRatio="none" fill="none" stroke-width="1.5">'
        f'<path stroke="#ddd" d="M0 3H400M0 50H400M0 97H400"/>{lines}</svg><ul>{items}</ul>'
    )


def table(prometheus: Prometheus, panel: dict[str, Any], unit: str, end: float) -> str:
    rows = prometheus.ask("query", query=sent(panel["targets"][0]["expr"]), time=str(end))["result"]
    names = sorted({name for row in rows for name in row["metric"]})
    lines = ["".join(f"<th>{name}</th>" for name in [*names, "value"])]
    for row in rows:
        cells = [*(row["metric"].get(name, "") for name in names), shown(float(row["value"][1]), unit)]
        lines.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def inside(prometheus: Prometheus, panel: dict[str, Any], start: float, end: float) -> str:
    unit = (defaults := panel["fieldConfig"]["defaults"])["unit"]
    if panel["type"] == "table":
        return table(prometheus, panel, unit, end)
    series = ranges(prometheus, panel, start, end)
    if panel["type"] == "timeseries":
        return chart(series, unit, start, end)
    last = series[0][1][-1][1]
    (mapping,) = defaults.get("mappings") or [{"options": {}}]
    return f"<b>{mapping['options'].get(f'{last:g}', {}).get('text') or shown(last, unit)}</b>"


def drawn(prometheus: Prometheus, start: float, end: float) -> str:
    parts = [f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>"]
    for panel in BOARD["panels"]:
        x, y, w, h = (panel["gridPos"][key] for key in "xywh")
        place = f"left:{x * COLUMN}px; top:{y * ROW}px; width:{w * COLUMN - 6}px; height:{h * ROW - 6}px"
        title = escape(panel["title"])
        if panel["type"] == "row":
            parts.append(f'<h1 style="{place}">{title}</h1>')
            continue
        unit = UNITS.get(panel["fieldConfig"]["defaults"]["unit"], "")
        body = inside(prometheus, panel, start, end)
        parts.append(f'<section style="{place}"><h2>{title} <small>{unit}</small></h2>{body}</section>')
    return "".join(parts)


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as made, scraped(Path(made), RULES) as (prometheus, proxy):
        start = time.time()
        while (passed := time.time() - start) < SECONDS:
            traffic(proxy, (2, 6, 12, 4)[int(passed / 12) % 4])  # so that the lines move
            time.sleep(0.5)
            if passed < SECONDS / 2 <= time.time() - start:
                proxy.reload()  # of the policy that `scraped` broke
        page = Path(made, "dashboard.html")
        page.write_text(drawn(prometheus, start + 15, time.time()))
        height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in BOARD["panels"]) * ROW
        with chrome(Path(made, "profile")) as browser:
            screen(browser, 24 * COLUMN + 2 * MARGIN, height + 2 * MARGIN, "light")
            browser.get(page.as_uri())
            save(browser.get_screenshot_as_png(), folder / "dashboard-light.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
