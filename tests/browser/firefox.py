"""Debian's Firefox, headless, driven by its own Marionette: no geckodriver is needed.

Messages are `LENGTH:JSON` over TCP: `[0, id, command, parameters]` and `[1, id, error, result]`.
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html"""

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # https://www.w3.org/TR/webdriver2/#elements

# System access lets scripts run with the browser's own rights: only they can read its console.
FLAGS = ("--headless", "--no-remote", "--marionette", "--remote-allow-system-access")
ENVIRONMENT = {
    "MOZ_CRASHREPORTER_DISABLE": "1",
    "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1",  # else a release ignores `services.settings.server`
}
# All that is not loopback goes to a proxy that does not exist, and no name is looked up: so Firefox
# contacts nothing else.  It never uses a proxy for localhost, *.localhost and loopback addresses.
PREFERENCES: dict[str, str | int | bool] = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 1,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 1,
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": 1,
    "network.proxy.socks_remote_dns": True,
    "network.proxy.failover_direct": False,
    "network.proxy.allow_hijacking_localhost": False,
    "network.trr.mode": 5,
    "network.dns.disablePrefetch": True,
    "network.http.speculative-parallel-limit": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "media.peerconnection.enabled": False,
    "dom.disable_open_during_load": False,  # scripts open windows without a click
    # These services would only waste time on it.
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.search.update": False,
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.aboutConfig.showWarning": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.update.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
    "toolkit.telemetry.unified": False,
}


# Runs in the browser's own window.  The console itself keeps only its last 250 messages.
LISTEN = """
window.said = [];
window.listener = {observe(message) {
    message instanceof Ci.nsIScriptError;
    const text = message.errorMessage ?? message.message;
    window.said.push([message.category ?? "", text, message.sourceName ?? ""]);
}};
Services.console.registerListener(window.listener);
"""
# The page itself asks again and again: that needs one round trip.
UNTIL = """
const [condition, arg, done] = arguments, test = new Function("arg", `return (${condition})`);
const ask = () => { const found = test(arg); found ? done(found) : setTimeout(ask, 10); };
ask();
"""


class MarionetteError(Exception):
    """The answer to a command was an error."""


@dataclass(frozen=True)
class Said:
    """A message of the browser console.

    `category` is the name of a CORS check, or a kind of message such as `content javascript`."""

    category: str
    text: str
    source: str


@contextmanager
def firefox(binary: str, folder: Path, local: str) -> Iterator["Firefox"]:
    """A process of its own; its profile is in `folder`, and it takes the names in `local` for loopback."""
    preferences = PREFERENCES | {"network.dns.localDomains": local, "network.proxy.no_proxies_on": local}
    lines = (f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in preferences.items())
    (folder / "user.js").write_text("".join(lines))
    process = subprocess.Popen(
        [binary, *FLAGS, "--profile", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | ENVIRONMENT | {"HOME": str(folder), "TMPDIR": str(folder)},
    )
    assert process.stdout is not None
    with process, process.stdout as output:
        log: list[str] = []
        reader = threading.Thread(target=lambda: log.extend(output))
        try:
            found = None
            while found is None:
                log.append(output.readline())
                assert log[-1], f"Firefox did not start: {log}"
                found = re.search(r"Marionette\tINFO\tListening on port (\d+)", log[-1])
            reader.start()
            address = "127.0.0.1", int(found[1])
            with socket.create_connection(address, 50) as connection, connection.makefile("rb") as stream:
                driver = Firefox(connection, stream)
                yield driver
                driver.command("Marionette:Quit", flags=["eForceQuit"])
                process.wait(20)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it started lives in its group
            if reader.ident is not None:
                reader.join(20)


class Firefox:
    """A session in a running Firefox."""

    def __init__(self, connection: socket.socket, stream: BinaryIO) -> None:
        self.socket, self.stream, self.id = connection, stream, 0
        self._receive()  # which protocol it speaks
        self.command("WebDriver:NewSession", capabilities={"alwaysMatch": {}})
        self._in_chrome(LISTEN)

    def command(self, name: str, **parameters: object) -> Any:
        self.id += 1
        text = json.dumps([0, self.id, name, parameters]).encode()
        self.socket.sendall(b"%d:%b" % (len(text), text))
        _, id, error, result = self._receive()
        assert id == self.id
        if error is not None:
            raise MarionetteError(f"{name}: {error['error']}: {error['message']}")
        return result

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self.stream.read(1)
            if not byte:
                raise MarionetteError("Firefox closed the connection")
            length += byte
        return json.loads(self.stream.read(int(length[:-1])))

    def get(self, url: str) -> None:
        self.command("WebDriver:Navigate", url=url)

    def run(self, script: str, *args: object) -> Any:
        """What the script returns in the page."""
        return self.command("WebDriver:ExecuteScript", script=script, args=args, sandbox=None)["value"]

    def run_async(self, script: str, *args: object) -> Any:
        """What the script hands to its last argument, a function."""
        return self.command("WebDriver:ExecuteAsyncScript", script=script, args=args, sandbox=None)["value"]

    def until(self, condition: str, arg: object = None) -> Any:
        """Waits until the expression is true of the page; `arg` is a name in it."""
        return self.run_async(UNTIL, condition, arg)

    def click(self, css: str) -> None:
        found = self.command("WebDriver:FindElement", using="css selector", value=css)["value"]
        self.command("WebDriver:ElementClick", id=found[ELEMENT])

    def text(self, css: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", css))

    def said(self, last: str) -> list[Said]:
        """The messages since the last call.  Waits for one that contains `last`, and ends with it."""
        script = """
            const [last, done] = arguments;
            const ask = () => {
                const end = window.said.findIndex(([, text]) => text.includes(last));
                end < 0 ? setTimeout(ask, 10) : done(window.said.splice(0, end + 1));
            };
            ask();
        """
        return [Said(*each) for each in self._in_chrome(script, last, asynchronous=True)]

    def trust(self, authority: bytes) -> None:
        """Takes certificates of this authority; it is PEM."""
        script = """
            const store = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
            store.addCertFromBase64(arguments[0], "CTu,,");
        """
        lines = authority.decode("ascii").split("-----")[2].split()
        self._in_chrome(script, "".join(lines))

    def close_others(self) -> None:
        """Closes what the page has opened."""
        first = self.command("WebDriver:GetWindowHandle")["value"]
        for each in self.command("WebDriver:GetWindowHandles"):
            if each != first:
                self.command("WebDriver:SwitchToWindow", handle=each, focus=False)
                self.command("WebDriver:CloseWindow")
        self.command("WebDriver:SwitchToWindow", handle=first, focus=True)

    def allow(self, page: str, permission: str) -> None:
        script = """
            const uri = Services.io.newURI(arguments[0]);
            const page = Services.scriptSecurityManager.createContentPrincipal(uri, {});
            Services.perms.addFromPrincipal(page, arguments[1], Services.perms.ALLOW_ACTION);
        """
        self._in_chrome(script, page, permission)

    def _in_chrome(self, script: str, *args: object, asynchronous: bool = False) -> Any:
        """Runs a script with the browser's own rights."""
        self.command("Marionette:SetContext", value="chrome")
        try:
            return (self.run_async if asynchronous else self.run)(script, *args)
        finally:
            self.command("Marionette:SetContext", value="content")
