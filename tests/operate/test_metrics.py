from prometheus_client.parser import text_string_to_metric_families

from cors_proxy.operate import metrics
from cors_proxy.operate.counters import Counters, Gauges, ReloadCount
from cors_proxy.operate.feeds import FeedStatus


def test_names_and_values() -> None:
    counters = Counters()
    counters.requests['pub"lic\n', "refused", "403"] = 2
    counters.decisions["default", "request", "refuse", "cross-site", "enforce"] = 3
    counters.differences["default", "cross-site"] = 4
    counters.durations.add(0.003)
    counters.upstream_requests["http://api", "10.0.0.1:80"] = 7
    counters.upstream_failures["http://api", "10.0.0.1:80"] = 8
    gauges = Gauges(5, 6, 7, {("http://api", "10.0.0.1:80"): True, ("http://api", "10.0.0.2:80"): False})
    feed = FeedStatus("http://api/o", 9, 10.5, False, {"failed": 11, "rejected": 12})
    text = metrics.render(counters, gauges, ReloadCount(1, 2, 1700000000.0, True), 8, [feed]).decode()
    found = {
        (s.name, tuple(sorted(s.labels.items()))): s.value
        for f in text_string_to_metric_families(text)
        for s in f.samples
    }
    p = "cors_proxy_"
    assert found[p + "requests_total", (("code", "403"), ("outcome", "refused"), ("route", 'pub"lic\n'))] == 2
    assert (
        found[
            p + "decisions_total",
            (
                ("decision", "refuse"),
                ("kind", "request"),
                ("mode", "enforce"),
                ("reason", "cross-site"),
                ("route", "default"),
            ),
        ]
        == 3
    )
    assert found[p + "report_differences_total", (("reason", "cross-site"), ("route", "default"))] == 4
    assert found[p + "request_duration_seconds_bucket", (("le", "0.0025"),)] == 0
    assert found[p + "request_duration_seconds_bucket", (("le", "0.005"),)] == 1
    assert found[p + "request_duration_seconds_bucket", (("le", "+Inf"),)] == 1
    assert found[p + "request_duration_seconds_count", ()] == 1
    assert found[p + "request_duration_seconds_sum", ()] == 0.003
    assert found[p + "upstream_duration_seconds_count", ()] == 0
    first, second = ((("address", f"10.0.0.{number}:80"), ("upstream", "http://api")) for number in (1, 2))
    assert (found[p + "upstream_up", first], found[p + "upstream_up", second]) == (1, 0)
    assert found[p + "upstream_requests_total", first] == 7
    assert found[p + "upstream_failures_total", first] == 8
    of_feed = (("feed", "http://api/o"),)
    assert (found[p + "feed_entries", of_feed], found[p + "feed_age_seconds", of_feed]) == (9, 10.5)
    assert found[p + "feed_up", of_feed] == 0
    assert found[p + "feed_failures_total", (*of_feed, ("reason", "failed"))] == 11
    assert found[p + "feed_failures_total", (*of_feed, ("reason", "rejected"))] == 12
    assert found[p + "requests_in_flight", ()] == 5
    assert found[p + "connections", ()] == 6
    assert found[p + "resident_memory_bytes", ()] == 7
    assert found[p + "connections_limit", ()] == 8
    assert found[p + "config_last_reload_successful", ()] == 0
    assert found[p + "log_lines_dropped_total", (("stream", "stdout"),)] == 0
    assert found[p + "config_reloads_total", (("result", "success"),)] == 1
    assert found[p + "config_reloads_total", (("result", "failure"),)] == 2
    assert found[p + "config_last_reload_success_timestamp_seconds", ()] == 1700000000.0
    assert any(name == p + "build_info" for name, _ in found)
