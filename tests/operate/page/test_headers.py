"""That every answer carries them is in tests/operate/test_admin_listener.py, what the page's browser makes of them in tests/browser."""

from cors_proxy.operate.page.headers import PAGE_HTML, SECURITY_HEADERS, content_security_policy


def test_the_digests_are_of_what_stands_in_the_page() -> None:
    policy = content_security_policy("<style>a</style><script>b</script>")
    assert "style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=';" in policy
    assert "script-src 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=';" in policy
    assert SECURITY_HEADERS["Content-Security-Policy"] == content_security_policy(PAGE_HTML) != policy
