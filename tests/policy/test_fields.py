"""Every key is in the table of fields."""

import pytest

from cors_proxy.policy.assertions import ASSERTION, CONDITIONS
from cors_proxy.policy.cors_fields import AMP, CORS
from cors_proxy.policy.fields import POLICY, ROUTE
from cors_proxy.policy.mappings import MappingOf
from cors_proxy.policy.server_fields import SERVER

KEYS = {
    "version listen admin upstream upstream_host upstream_origin rewrite_location"
    " hosts self_origins mode cors routes assert server decide dangerously_allow": POLICY,
    "never always public no_credentials_for": ASSERTION,
    "origin path method host credentials headers socket": CONDITIONS,
    "origins accept_from methods headers expose credentials max_age preflight private_network timing resource_policy without_origin"
    " storage_access websocket": CORS,
    "path name method host upstream upstream_host upstream_origin mode strip_prefix"
    " rewrite_location cors amp limits timeouts dangerously_allow": ROUTE,
    "publisher caches source_origin email": AMP,
    "workers tls upstream_tls trusted_proxies proxy_protocol limits timeouts drain access_log debug tracing": SERVER,
}


@pytest.mark.parametrize(("names", "keys"), KEYS.items())
def test_every_key_is_there(names: str, keys: MappingOf) -> None:
    assert [one.key for one in keys.fields] == names.split()
    assert all(one.doc and one.default for one in keys.fields)
