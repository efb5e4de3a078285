"""Every way in which a page makes a request, for a script: `u` is the URL."""

_ELEMENT = "const e = document.createElement('{}'); {} document.body.append(e);"
SCRIPTS = {
    "fetch": "fetch(u).catch(() => 0);",
    "xhr": "const x = new XMLHttpRequest(); x.open('GET', u); x.send();",
    "image": "new Image().src = u;",
    "script": _ELEMENT.format("script", "e.src = u;"),
    "module": _ELEMENT.format("script", "e.type = 'module'; e.src = u;"),
    "style": _ELEMENT.format("link", "e.rel = 'stylesheet'; e.href = u;"),
    "font": "new FontFace('f', `url(${u})`).load().catch(() => 0);",
    "audio": _ELEMENT.format("audio", "e.preload = 'auto'; e.src = u;"),
    "video": _ELEMENT.format("video", "e.preload = 'auto'; e.src = u;"),
    "track": _ELEMENT.format(
        "video",
        "const t = document.createElement('track'); t.default = true; t.src = u; e.append(t);"
        " t.track.mode = 'showing';",
    ),
    "iframe": _ELEMENT.format("iframe", "e.src = u;"),
    "sandboxed-iframe": _ELEMENT.format("iframe", "e.sandbox = 'allow-scripts'; e.src = u;"),
    "object": _ELEMENT.format("object", "e.data = u;"),
    "embed": _ELEMENT.format("embed", "e.src = u;"),
    "link": _ELEMENT.format("a", "e.target = '_blank'; e.href = u;") + " e.click();",
    "form-get": _ELEMENT.format("form", "e.target = '_blank'; e.action = u;") + " e.submit();",
    "form-post": _ELEMENT.format("form", "e.target = '_blank'; e.method = 'post'; e.action = u;")
    + " e.submit();",
    "window-open": "window.open(u);",
    "prefetch": _ELEMENT.format("link", "e.rel = 'prefetch'; e.href = u;"),
    "preload": _ELEMENT.format("link", "e.rel = 'preload'; e.as = 'image'; e.href = u;"),
    "beacon": "navigator.sendBeacon(u, 'x');",
    "event-source": "const s = new EventSource(u); s.onerror = () => s.close();",
    "websocket": "new WebSocket(u.replace('http', 'ws'));",
    "service-worker": "navigator.serviceWorker.register('/page/worker.js').then(() => "
    "navigator.serviceWorker.ready).then((r) => r.active.postMessage(u)).catch((e) => document.title += e);",
    "favicon": "const e = document.createElement('link'); e.rel = 'icon'; e.href = u; document.head.append(e);",
    "ping": _ELEMENT.format("a", "e.ping = u; e.href = '#';") + " e.click();",
    "csp-report": _ELEMENT.format("iframe", "e.src = '/page/reporting?' + u;"),
    "worker": "try { new Worker(u); } catch {}",
}
SERVICE_WORKER = "onmessage = (event) => fetch(event.data).catch(() => 0);"
