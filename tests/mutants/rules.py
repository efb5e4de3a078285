"""The rules, by name: which text of which file is replaced by what.  A text occurs once in its file."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """`file` is below cors_proxy/; `tests` are what has to fail."""

    name: str
    file: str
    old: str
    new: str
    tests: str


CORE = "tests/cors"
CARRY = "tests/proxy"
FUZZ = "tests/fuzz"
WORKERS = "tests/operate/test_supervisor.py"
ADMIN = "tests/operate/test_admin_listener.py"
SIGNALS = "tests/e2e/test_signals.py"

RULES = [
    # what is ambiguous (row 1)
    Mutant("a judged header once", "cors/request.py", "if seen >> field & 1:", "if False:", CORE),
    Mutant("printable bytes in judged headers", "cors/request.py", "elif value.translate(None, PRINTABLE):", "elif False:", CORE),
    Mutant("row 1 is 400", "cors/decide.py", "    if fault is not None:", "    if False:", CORE),
    Mutant("dot segments", "cors/variants.py", "if not name and segment and (", "if False and (", CORE),
    Mutant("dot segments at the end", "cors/variants.py", '(at < last or b"." in cut)', "at < last", CORE),
    Mutant("encoded slashes", "cors/path.py", "needs.add(ENCODED_SLASHES)", "pass", CORE),
    Mutant("empty segments", "cors/path.py", "needs.add(EMPTY_SEGMENTS)", "pass", CORE),
    Mutant("NUL, backslash and hash", "cors/path.py", "or len(whole.translate(None, _NEVER)) != len(whole) ", "", CORE),
    Mutant("overlong UTF-8", "cors/path.py", "or _overlong(whole)", "", CORE),
    Mutant("one route in both readings", "cors/site.py", "if route is decoded and spelling.needs", "if spelling.needs", CORE),
    Mutant(
        "one route in the folded reading",
        "cors/site.py",
        "if route is folded or path.PATH_VARIANTS in folded.path_words:",
        "if True:",
        CORE,
    ),
    Mutant("path-variants count on the route led around", "cors/site.py", "in folded.path_words", "in route.path_words", CORE),
    Mutant("no slash in a parameter", "cors/path.py", 'b"%2f" in part.partition(b";")[2].lower()', "False", CORE),
    Mutant("folded: case", "cors/variants.py", "folded = path.lower().split", "folded = path.split", CORE),
    Mutant(
        "folded: case beyond ASCII", "cors/variants.py", 'text.casefold().replace(_DOT_ABOVE, "i").replace(_DOTLESS, "i")', "text", CORE
    ),
    Mutant("folded: parameters", "cors/variants.py", 'segment.partition(b";")[0]', "segment", CORE),
    Mutant("folded: final dots and spaces", "cors/variants.py", "cut.rstrip(_TRAILING)", "cut", CORE),
    Mutant("folded: a final slash", "cors/variants.py", "if not folded[-1] and len(folded) > 1:", "if False:", CORE),
    Mutant("skipped: no capitals", "cors/variants.py", '#;ABCDEFGHIJKLMNOPQRSTUVWXYZ")', '#;")', CORE),
    Mutant("skipped: no parameters", "cors/variants.py", 'b"%\\\\#;ABC', 'b"%\\\\#ABC', CORE),
    Mutant("skipped: no final dot", "cors/variants.py", "and path[-1] != _DOT", "", CORE),
    Mutant("skipped: no dot at a segment's end", "cors/variants.py", 'and b"./" not in path', "", CORE),
    Mutant("skipped: no route changes", "cors/router.py", "self.one_reading &= path.spelled == path.decoded == path.folded", "pass", CORE),
    Mutant("routes that read alike", "cors/shadows.py", "if its.decoded != path.decoded and", "if False and", "tests/cors tests/policy"),
    Mutant("hosts", "cors/decide.py", "if site.hosts is not None and not site.hosts.allows(request.host):", "if False:", CORE),
    Mutant("real addresses alone pass", "cors/hosts.py", "return self.names(host) or is_address(host)", "return True", CORE),
    # preflights (row 2)
    Mutant("preflights are answered here", "cors/decide.py", "if route.preflights is not None and request.preflight:", "if False:", CORE),
    Mutant("a preflight's method", "cors/preflight.py", "if method not in route.methods:", "if False:", CORE),
    Mutant("a preflight's headers", "cors/preflight.py", "if name not in rules.headers and not _any(rules, name):", "if False:", CORE),
    Mutant("some names have to be named", "cors/preflight.py", "and name not in UNCOVERED ", "", CORE),
    Mutant("a star is never granted as a name", "cors/names.py", ', b"x-method-override", b"*")', ', b"x-method-override")', CORE),
    Mutant("a star is never an answer", "cors/compile.py", 'b", ".join(headers)', 'b", ".join(headers + [b"*"] * cors.any_header)', CORE),
    Mutant(
        "readable for the allowed alone", "cors/preflight.py", "told is not None and allowed is not None and", "told is not None and", CORE
    ),
    Mutant("readable where browsers ask so", "cors/preflight.py", " and names is not None:", ":", CORE),
    Mutant(
        "readable grants what passed",
        "cors/preflight.py",
        'if method in route.methods else b"GET", passed',
        'if True else b"GET", names',
        CORE,
    ),
    Mutant(
        "refusal: bare",
        "cors/compile.py",
        "_told(cors, place, debug) if cors.preflight_readable else {}",
        "_told(cors, place, debug)",
        CORE,
    ),
    Mutant(
        "bare tells nothing, debug or not",
        "cors/modes.py",
        ' and (decision.kind != "preflight" or route.cors.preflight_readable)',
        "",
        CORE,
    ),
    Mutant("forbidden names are never granted", "cors/preflight.py", " and grantable_header(name)", "", CORE),
    Mutant("private network", "cors/preflight.py", 'if network == b"true" and not route.cors.private_network:', "if False:", CORE),
    Mutant("asked headers are bounded", "cors/request_headers.py", "if count > MAX_NAMES or", "if", CORE),
    Mutant("asked headers are tokens", "cors/request_headers.py", " or name.translate(None, TCHAR)", "", CORE),
    # real requests (rows 2c to 12)
    Mutant("methods of real requests", "cors/decide.py", "if request.method in route.methods:", "if True:", CORE),
    Mutant("accept_from opens no socket", "cors/decide.py", "if not request.websocket:", "if True:", CORE),
    Mutant(
        "null needs same-origin",
        "cors/decide.py",
        'if origin == b"null" and request.fetch_site == b"same-origin":',
        'if origin == b"null":',
        CORE,
    ),
    Mutant(
        "a foreign origin is refused",
        "cors/decide.py",
        'return foreign.refuse(route, request, "request", route.plain)',
        "return route.no_origin",
        CORE,
    ),
    Mutant("AMP-Same-Origin", "cors/decide.py", 'request.amp_same_origin != b"true" or ', "", CORE),
    Mutant("AMP-Same-Origin from the same site", "cors/decide.py", 'or request.fetch_site not in (None, b"same-origin")', "", CORE),
    Mutant("without_origin: deny", "cors/decide.py", 'if rule == "deny":', "if False:", CORE),
    Mutant("fetch metadata", "cors/decide.py", 'if rule == "fetch-metadata" and', "if False and", CORE),
    Mutant("websocket: deny", "cors/decide.py", "if not route.cors.websocket:", "if False:", CORE),
    Mutant("source_origin: check", "cors/amp.py", "if not amp.check_source_origin:", "if True:", CORE),
    Mutant("no socket for e-mail", "cors/amp_email.py", "if request.websocket:", "if False:", CORE),
    Mutant("senders", "cors/amp_email.py", "    if rule is None:", "    if False:", CORE),
    Mutant("the own origin is a browser's word", "cors/own_origin.py", 'if request.fetch_site != b"same-origin" and', "if False and", CORE),
    Mutant(
        "a star is within one label",
        "cors/origins.py",
        "if before < stop and not label[before:stop].translate(None, _LABEL):",
        "if True:",
        CORE,
    ),
    Mutant(
        "patterns fit origins alone",
        "cors/origin.py",
        "def parse_origin(raw: bytes) -> Origin | None:",
        "def _parse(raw: bytes) -> Origin | None:",
        CORE,
    ),
    # what is remembered
    Mutant(
        "a decision is of a method",
        "cors/decide.py",
        "(route.index, request.method, request.said)",
        '(route.index, b"", request.said)',
        CORE,
    ),
    Mutant(
        "a decision is of a route",
        "cors/decide.py",
        "(route.index, request.method, request.said)",
        "(0, request.method, request.said)",
        CORE,
    ),
    Mutant("no decision of an AMP route", "cors/decide.py", " or route.amp_place is not None", "", CORE),
    # responses, modes
    Mutant("upstream's CORS headers go", "cors/response.py", 'if name.startswith(b"access-control-"):', "if False:", CORE),
    Mutant(
        "Timing-Allow-Origin is ours", "cors/response.py", '(name == b"timing-allow-origin" and grant.timing is not None)', "False", CORE
    ),
    Mutant("Vary", "cors/response.py", "    if grant.vary:\n", "    if False:\n", CORE),
    Mutant("Vary on own answers", "cors/decision.py", "wire((*self.lines, *vary))", "wire(self.lines)", CORE),
    Mutant(
        "headers mode grants nothing",
        "cors/modes.py",
        "decision.rule, route.plain, decision.detail",
        "decision.rule, UNTOUCHED, decision.detail",
        CORE,
    ),
    Mutant("row 1 in every mode", "cors/modes.py", "if decision.reason in _ROW_ONE:", "if False:", CORE),
    # framing
    Mutant("one Host", "proxy/heads.py", "if host is not None:", "if False:", CARRY),
    Mutant("a valid Host", "proxy/heads.py", "if host is None or not _valid(host):", "if False:", CARRY),
    Mutant("no leading zero in a length", "proxy/heads.py", 'and (value[0] != 48 or value == b"0")', "", CARRY),
    Mutant(
        "chunked alone, once, in 1.1",
        "proxy/heads.py",
        'if head.chunked or http10 or value.lower() != b"chunked":',
        "if False:",
        CARRY,
    ),
    Mutant("no CONNECT, no TRACE", "proxy/heads.py", 'if method == b"CONNECT" or method == b"TRACE":', "if False:", CARRY),
    Mutant("origin-form", "proxy/heads.py", 'if target[:1] != b"/":', "if False:", CARRY),
    Mutant(
        "what Connection names stays here",
        "proxy/heads.py",
        "    if nominated:\n        head.kept = _without(kept, nominated)\n    return head",
        "    return head",
        CARRY,
    ),
    Mutant(
        "a line has one end",
        "proxy/heads.py",
        'if block.count(b"\\n") != len(lines) - 1 or block.count(b"\\r") != len(lines) - 1:',
        "if False:",
        CARRY,
    ),
    Mutant("a line is not continued", "proxy/heads.py", "if name[:1] in _BLANK:", "if False:", CARRY),
    Mutant(
        "a chunked body's end is found",
        "proxy/chunks.py",
        "            if self.over:\n                return at\n",
        "",
        "tests/proxy/test_chunks.py",
    ),
    Mutant("an end across two segments", "proxy/chunks.py", "piece = bytes(self._line + piece)", "pass", "tests/proxy/test_chunks.py"),
    Mutant(
        "no trailer is llhttp's", "proxy/chunks.py", "if self._trailers and self.shown > at:", "if False:", "tests/proxy/test_chunks.py"
    ),
    Mutant(
        "a trailer is a field line", "proxy/chunks.py", "return bool(colon) and is_token(name) and", "return", "tests/proxy/test_chunks.py"
    ),
    Mutant("no control bytes in a trailer", "proxy/chunks.py", " and not value.translate(None, _VALUE)", "", "tests/proxy/test_chunks.py"),
    Mutant("a chunk's size is plain digits", "proxy/chunks.py", " or digits.translate(None, _HEX)", "", "tests/proxy/test_chunks.py"),
    Mutant("a chunk's line ends in CRLF", "proxy/chunks.py", 'if line[-2:] != b"\\r\\n":', "if False:", "tests/proxy/test_chunks.py"),
    Mutant("an error before 431", "proxy/intake.py", "piece = piece[: limit - before]", "piece = piece[:0]", "tests/proxy/test_cuts.py"),
    Mutant(
        "413 before a broken body",
        "proxy/journey.py",
        "max(head.length, message.received) > body_bytes",
        "head.length > body_bytes",
        "tests/proxy/test_client.py",
    ),
    Mutant("tiny pieces are joined", "proxy/intake.py", "if size < _SMALL and chunks and", "if False and", "tests/proxy/test_work.py"),
    Mutant("a head in pieces is searched once", "proxy/intake.py", "max(0, before - 3)", "0", "tests/proxy/test_work.py"),
    Mutant("judged lines are found in a set", "proxy/forwarding.py", "known = set(judged)", "known = judged", "tests/proxy/test_work.py"),
    Mutant(
        "short Hosts alone are remembered",
        "proxy/heads.py",
        "if len(host) <= _NAME_BYTES else valid_host(host)",
        "",
        "tests/proxy/test_heads.py",
    ),
    Mutant("Expect is of HTTP/1.1", "proxy/heads.py", "if not http10:  # RFC 9110 10.1.1", "if True:", "tests/proxy/test_heads.py"),
    Mutant("underscore twins", "proxy/heads.py", "else _DROP if _is_twin(name) else _KEEP", "else _KEEP", "tests/proxy/test_forwarding.py"),
    Mutant("twins of fetch metadata", "proxy/heads.py", ' or twin.startswith(b"sec-fetch-")', "", "tests/proxy/test_forwarding.py"),
    Mutant("proxy credentials", "proxy/heads.py", '    b"proxy-authorization": _DROP,\n', "", "tests/proxy/test_forwarding.py"),
    Mutant("a proxy's challenge", "proxy/heads.py", '    b"proxy-authenticate": _DROP,\n', "", "tests/proxy/test_forwarding.py"),
    Mutant("X-Real-IP", "proxy/heads.py", '    b"x-real-ip": _FORWARDED,\n', "", "tests/proxy/test_forwarding.py"),
    Mutant("a refused head without its query", "proxy/heads.py", 'words[1].partition(b"?")[0]', "words[1]", "tests/proxy/test_intake.py"),
    Mutant("known lines are the same bytes", "proxy/intake.py", " and raw.endswith(head.block)", "", CARRY),
    Mutant("known lines are of one version", "proxy/intake.py", " or head.http10 is not http10", "", CARRY),
    Mutant("header_bytes", "proxy/intake.py", "too_large = size > limit", "too_large = False", "tests/proxy/test_intake.py"),
    Mutant(
        "header_bytes over segments",
        "proxy/intake.py",
        "too_large = size > limit",
        "too_large = size - before > limit",
        "tests/proxy/test_intake.py",
    ),
    Mutant("header_count", "proxy/intake.py", "if head.count > self._edge.header_count:", "if False:", CARRY),
    Mutant(
        "silent framing is bounded",
        "proxy/chunks.py",
        "if self._silent + len(self._line) + len(piece) > self._limit:",
        "if False:",
        "tests/proxy/test_chunks.py",
    ),
    Mutant("no socket with a body", "proxy/journey.py", "if socket and head.has_body:", "if False:", CARRY),
    Mutant("body_bytes", "proxy/journey.py", "if body_bytes and max(head.length, message.received) > body_bytes:", "if False:", CARRY),
    Mutant("a minimum rate", "proxy/rate.py", "return brought < self._least", "return False", "tests/proxy/test_rate.py"),
    Mutant("a short body has to end too", "proxy/rate.py", "window * _SHORT if", 'float("inf") if', "tests/proxy/test_rate.py"),
    Mutant(
        "a rate counts while the client is waited for",
        "proxy/client.py",
        "return pace.slow(message.received, now, not slowed)",
        "return pace.slow(message.received, now, True)",
        "tests/proxy/test_rate.py",
    ),
    Mutant("a route's own bounds", "proxy/journey.py", "edge.bounds[route.index]", "edge.bounds[-1]", "tests/proxy/test_bounds.py"),
    # the upstream
    Mutant("the 101 of this handshake", "proxy/tunnel.py", "head.accept == expected", "True", CARRY),
    Mutant("an idle connection is silent", "proxy/outbox.py", " or connection.descriptor in spoken", "", CARRY),
    Mutant(
        "nothing is read before a request is sent",
        "proxy/upstream.py",
        "        if passage is None or not self.sent:\n",
        "        if passage is None:\n",
        CARRY,
    ),  # fmt: skip
    Mutant(
        "half a record is not silent",
        "proxy/tls_state.py",
        "return not self._left and not self._header and not self._object.pending()",
        "return not self._object.pending()",
        CARRY,
    ),  # fmt: skip
    Mutant("a connection with half a record carries nothing more", "proxy/pool.py", "if not connection.silent():", "if False:", CARRY),
    Mutant("https answers end by close_notify", "proxy/upstream.py", "if tls is not None and not tls.peer_closed:", "if False:", CARRY),
    Mutant(
        "a request broken off ends by RST",
        "proxy/upstream.py",
        "            if unfinished and self.sent:",
        "            if False:",
        "tests/fanout",
    ),
    Mutant(
        "one answer to one request",
        "proxy/upstream.py",
        "        if end < len(data):\n            self._reusable = False",
        "        if False:\n            self._reusable = False",
        "tests/proxy/test_upstream.py",
    ),
    Mutant(
        "no body behind an answer that has none",
        "proxy/upstream.py",
        "bad, not the answer.\n            self._reusable = False",
        "bad, not the answer.\n            self._reusable = True",
        "tests/proxy/test_upstream.py",
    ),
    Mutant(
        "a 1xx has no body",
        "proxy/heads.py",
        "if status < 200 and (head.chunked or head.length >= 0):",
        "if False:",
        "tests/proxy/test_upstream.py",
    ),
    Mutant(
        "a fresh parser behind an interim answer",
        "proxy/upstream.py",
        "            self._parser = HttpResponseParser(self)\n            self._over = False",
        "            self._over = False",
        "tests/proxy/test_upstream.py",
    ),
    Mutant("one 100", "proxy/passage.py", " and not message.continued", "", "tests/proxy/test_pool.py"),
    Mutant("no 1xx for HTTP/1.0", "proxy/passage.py", " and not self._message.head.http10", "", "tests/proxy/test_client.py"),
    Mutant("a retry of what is safe alone", "proxy/passage.py", "connection.used and self._safe and", "connection.used and", CARRY),
    Mutant("truncation is visible", "proxy/passage.py", "if clean and connection.until_close:", "if True:", CARRY),
    Mutant(
        "a stranger's X-Forwarded-* are replaced",
        "proxy/forwarding.py",
        "    if from_trusted and head.forwarded:",
        "    if head.forwarded:",
        CARRY,
    ),
    # room and time
    Mutant(
        "nothing is begun for a client that takes nothing",
        "proxy/client.py",
        "self._current is None and not self.transport.blocked and",
        "self._current is None and",
        CARRY,
    ),  # fmt: skip
    Mutant(
        "nothing is read from a client that takes nothing",
        "proxy/client.py",
        "or (current is None and self.transport.blocked)",
        "",
        CARRY,
    ),  # fmt: skip
    Mutant(
        "the clock looks at a client that takes nothing",
        "proxy/client.py",
        "            self.deadline = 0.0  # the clock looks",
        "            self.deadline = _FOREVER  # the clock looks",
        CARRY,
    ),  # fmt: skip
    Mutant("what is sent ahead stays bytes", "proxy/intake.py", "            elif self.queue:\n", "            elif False:\n", CARRY),
    Mutant("a client that left is seen", "proxy/client.py", "if self.transport.paused and self.has_left:", "if False:", CARRY),
    Mutant(
        "a tunnel's upstream that takes nothing",
        "proxy/tunnel.py",
        "if stalled >= (_LAST_WORDS if left else self._stall):",
        "if False:",
        CARRY,
    ),  # fmt: skip
    Mutant(
        "a tunnel that is over is let go", "proxy/pool.py", "if connection.deadline and now >= connection.deadline:", "if False:", CARRY
    ),
    Mutant("a TLS handshake has a clock", "proxy/client.py", "or (transport.tls is not None and not transport.tls.established)", "", CARRY),
    Mutant("who waits holds little", "proxy/client.py", "self._waiting = Waiting(self, self.transport)", "pass", CARRY),
    Mutant(
        "what waits in the kernel is looked at",
        "proxy/client.py",
        "0.0 if transport.unsent else self._rest_until",
        "self._rest_until",
        CARRY,
    ),
    Mutant(
        "a replaced pool closes what is idle", "proxy/edge.py", "            pool.close_idle()  # first", "            pass  # first", CARRY
    ),
    Mutant(
        "a reason phrase is text",
        "proxy/heads.py",
        "if phrase not in _PHRASES and phrase.translate(None, _CONTROL) != phrase:",
        "if False:",
        CARRY,
    ),
    Mutant("who is cut is told", "proxy/transport.py", "        if self.unsent:\n", "        if False:\n", CARRY),
    # the last bytes
    Mutant(
        "who closes writes first",
        "proxy/transport.py",
        "        if not self._closed:\n            self._last_bytes()\n            self._closed = True",
        "        if not self._closed:\n            self._closed = True",
        CARRY,
    ),  # fmt: skip
    Mutant(
        "a last answer is not overtaken by a reset",
        "proxy/client.py",
        "        self.transport.half_close()",
        "        self.transport.close()",
        CARRY,
    ),
    Mutant(
        "a handshake under way at a drain is told",
        "proxy/client.py",
        "        if self.edge.draining:\n            tunnel",
        "        if False:\n            tunnel",
        CARRY,
    ),
    Mutant(
        "a truncated answer ends by RST",
        "proxy/client.py",
        "            self.transport.reset()",
        "            self.transport.close()",
        CARRY,
    ),
    # the process and its operator
    Mutant("handlers from the first lines", "__main__.py", "        signals.hold()\n", "        pass\n", "tests/operate/test_signals.py"),
    Mutant(
        "an early hang-up is remembered",
        "operate/signals.py",
        "        _hung_up = True\n",
        "        pass\n",
        "tests/operate/test_signals.py",
    ),
    Mutant(
        "no signal changes the end",
        "operate/signals.py",
        "        signal.signal(number, signal.SIG_IGN)\n",
        "        pass\n",
        "tests/operate/test_signals.py",
    ),
    Mutant(
        "the end waits for no thread", "operate/signals.py", "    os._exit(code)\n", "    sys.exit(code)\n", "tests/operate/test_signals.py"
    ),
    Mutant("workers outside the terminal", "operate/supervisor.py", ", start_new_session=True)", ")", f"{SIGNALS} -k terminal"),
    Mutant(
        "nothing is sent to who is gone",
        "operate/channel.py",
        "            return\n        data",
        "            pass\n        data",
        "tests/operate/test_channel.py",
    ),
    Mutant(
        "prepared everywhere before it is in force anywhere",
        "operate/supervisor.py",
        'self._ask("prepare", policy, asked, APPLY)',
        'self._ask("policy", policy, asked, APPLY)',
        WORKERS,
    ),
    Mutant("who starts meanwhile is told too", "operate/supervisor.py", "if each not in asked]", "if False]", WORKERS),
    Mutant("who cannot follow ends", "operate/supervisor.py", "                _kill(worker)\n", "                pass\n", WORKERS),
    Mutant("a silent worker is a failure", "operate/supervisor.py", " for future in silent}", " for future in silent if False}", WORKERS),
    Mutant(
        "a certificate comes with its policy",
        "proxy/edge.py",
        "self.context, context = prepared.certificate,",
        "self.context, context = self.context or prepared.certificate,",
        "tests/proxy/test_tls.py",
    ),
    Mutant(
        "TLS is not switched on by a reload", "policy/reload.py", "(_spoken(old), _spoken(new))", '("", "")', "tests/policy/test_reload.py"
    ),
    Mutant(
        "the admin listener's bound", "operate/admin_listener.py", "if len(self._connections) >= CONNECTIONS and", "if False and", ADMIN
    ),
    Mutant("asking comes before idling", "operate/admin_listener.py", "(each.busy, each.heard)", "each.heard", ADMIN),
    Mutant("who takes nothing is cut", "operate/admin_listener.py", "elif now - self.moved > STALLED:", "elif False:", ADMIN),
    Mutant("answers that wait have a bound", "operate/admin_listener.py", "while others and total > ROOM:", "while False:", ADMIN),
    Mutant("who left costs nothing", "operate/admin_listener.py", ", handler_cancellation=True)", ")", ADMIN),
    Mutant("errors of the admin listener are protected", "operate/admin_listener.py", ", headers=SECURE)", ")", ADMIN),
    Mutant("answers of the admin listener are protected", "operate/admin.py", "response.headers.update(SECURE)", "pass", ADMIN),
    Mutant("a body is whole", "operate/page/body.py", "if not inflater.eof or inflater.unused_data:", "if False:", ADMIN),
    Mutant("a decoded body is bounded", "operate/page/body.py", "if len(found) > most:", "if False:", ADMIN),
]

# Each is found by the bounded fuzz run alone.
FUZZED = [
    Mutant(
        "fuzz: a foreign origin",
        "cors/decide.py",
        'return foreign.refuse(route, request, "request", route.plain)',
        "return route.no_origin",
        FUZZ,
    ),
    Mutant("fuzz: two Origins", "cors/request.py", "if seen >> field & 1:", "if False:", FUZZ),
    Mutant("fuzz: leading zeros", "proxy/heads.py", 'and (value[0] != 48 or value == b"0")', "", FUZZ),
    Mutant("fuzz: codings", "proxy/heads.py", 'if head.chunked or http10 or value.lower() != b"chunked":', "if False:", FUZZ),
    Mutant("fuzz: the end of a chunked body", "proxy/chunks.py", "            if self.over:\n                return at\n", "", FUZZ),
    Mutant("fuzz: the body behind an Upgrade", "proxy/intake.py", "        if head.has_body:\n", "        if False:\n", FUZZ),
    Mutant("fuzz: Proxy and HTTP2-Settings stay here", "proxy/heads.py", '    b"http2-settings": _DROP,\n', "", FUZZ),
    Mutant(
        "fuzz: behind a handshake", "proxy/intake.py", 'if head.upgrade is not None and b"websocket" in head.upgrade:', "if False:", FUZZ
    ),
]
