"""Unknown keys: the key that is meant, and never one that would allow something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.policy.cors_fields import CORS
from cors_proxy.policy.fields import KEY_HOMES, POLICY
from cors_proxy.policy.spellings import ALL_EXPOSED, ANY_HEADER, SPELLINGS, fold, meant_key

from .reading import problems

CORS_KEYS = tuple(field.key for field in CORS.fields)
TOP_KEYS = tuple(field.key for field in POLICY.fields)

# The names that each product has for them.
PRODUCTS = {
    "origins": "origin allowedOrigins allowed_origins allow_origins AllowOrigins Access-Control-Allow-Origin"
    " allow_origin_string_match accessControlAllowOriginList allowedOriginPatterns cors-allow-origin"
    " CORS_ALLOWED_ORIGINS CORS_ORIGIN_WHITELIST allow_origin_regex WithOrigins",
    "methods": "allowedMethods allow_methods allowed_methods Access-Control-Allow-Methods accessControlAllowMethods"
    " CORS_ALLOW_METHODS cors-allow-methods WithMethods",
    "headers": "allowedHeaders allow_headers allowed_headers Access-Control-Allow-Headers accessControlAllowHeaders"
    " CORS_ALLOW_HEADERS cors-allow-headers WithHeaders",
    "expose": "exposeHeaders exposedHeaders exposed_headers expose_headers ExposedHeaders"
    " Access-Control-Expose-Headers accessControlExposeHeaders CORS_EXPOSE_HEADERS cors-expose-headers"
    " WithExposedHeaders additionalExposedHeaders exposedheader expsoed_headers exposHeaders response_headers",
    "credentials": "allowCredentials allow_credentials AllowCredentials supports_credentials"
    " Access-Control-Allow-Credentials CORS_ALLOW_CREDENTIALS withCredentials cors-allow-credentials",
    "max_age": "maxAge max-age MaxAge maxAgeSeconds Access-Control-Max-Age CORS_PREFLIGHT_MAX_AGE cors-max-age"
    " SetPreflightMaxAge optionMaxAge",
    "private_network": "privateNetwork allowPrivateNetwork Access-Control-Allow-Private-Network",
    "accept_from": "CSRF_TRUSTED_ORIGINS trustedOrigins",
}


@pytest.mark.parametrize(
    ("key", "spelling"), [(key, one) for key, all in PRODUCTS.items() for one in all.split()]
)
def test_a_products_name_leads_to_the_key(key: str, spelling: str) -> None:
    (problem,) = problems(f"cors: {{{spelling}: []}}\n")
    assert (problem.code, problem.hint) == ("E201", f"write {key}:")
    (problem,) = problems(f"{spelling}: []\n")
    assert (problem.code, problem.hint) == ("E201", f"write {key}: under cors")


def test_every_spelling_is_folded_and_leads_somewhere() -> None:
    for meant, names in SPELLINGS.items():
        word = meant.partition(":")[0]
        assert word in KEY_HOMES or meant.startswith("remove it: ")
        for name in names:
            assert fold(name) == name
            assert name not in [
                other for key, others in SPELLINGS.items() if key != meant for other in others
            ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("credentials: true\n", "write credentials: under cors"),
        ("routes: [{path: /a, origins: x}]\n", "write origins: under cors"),
        ("workers: 2\n", "write workers: under server"),
        ("cors: {self_origins: x}\n", "write self_origins: at the top level"),
        ("cors: {allow_any_origin: true}\n", 'write origins: "*"'),
        ("allowAllOrigins: true\n", 'write origins: "*" under cors'),
        ("cors: {preflightContinue: true}\n", "remove it: the proxy answers every preflight itself"),
        (
            "cors: {add_header: 'Access-Control-Allow-Origin *'}\n",
            "remove it: the proxy writes the CORS headers itself, from the keys of cors",
        ),
        ("cors: {optionsSuccessStatus: 200}\n", "write preflight: {status: 200}"),
        ("host: a.example\n", "write hosts:"),
        ("server: {body_bytes: 5}\n", "write body_bytes: under server.limits"),
        ("header_count: 5\n", "write header_count: under server.limits"),
    ],
)
def test_misplaced_keys_and_whole_hints(text: str, hint: str) -> None:
    assert [(problem.code, problem.hint) for problem in problems(text)] == [("E201", hint)]


RESPONSE = [name for key in ("expose", ALL_EXPOSED) for name in SPELLINGS[key]]


@given(st.sampled_from(RESPONSE), st.integers(0, 30), st.sampled_from(["", "_", "x", "s"]), st.booleans())
def test_a_key_of_response_headers_never_leads_to_request_headers(
    name: str, at: int, other: str, cors: bool
) -> None:
    """Also with one letter that is wrong, missing or too many."""
    for text in (name, name[:at] + other + name[at:], name[:at] + other + name[at + 1 :]):
        for prefix in ("", "access_control_", "cors-", "allowed_", "allow"):
            meant = meant_key(prefix + text, CORS_KEYS if cors else TOP_KEYS, KEY_HOMES)
            assert meant not in ("headers", ANY_HEADER), prefix + text


@pytest.mark.parametrize(
    "key",
    [
        "origins",
        "origin",
        "allowed_origins",
        "allow-origins",
        "orgins",
        "all_origins",
        "cors_origins",
        "safe_origins",
        "send_origins",
    ],
)
def test_other_sites_never_become_the_apis_own_origin(key: str) -> None:
    assert meant_key(key, TOP_KEYS, KEY_HOMES).partition(":")[0] == "origins"
