from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.percent import decode, has_broken_escape

from .strategies import thorough


@pytest.mark.parametrize(
    ("text", "decoded", "broken"),
    [
        ("a%20b", "a b", False),
        ("%", "%", True),
        ("%4", "%4", True),
        ("%zz%41", "%zzA", True),
        ("%2541", "%41", False),
        ("%+1", "%+1", True),
        ("% 1", "% 1", True),
        ("%\t\tx", "%\t\tx", True),
    ],
)
def test_decoded_once(text: str, decoded: str, broken: bool) -> None:
    assert (decode(text.encode()), has_broken_escape(text.encode())) == (decoded.encode(), broken)


@thorough
@given(st.text("%4aF/x\xe9").map(str.encode))
def test_as_the_standard_library_decodes(text: bytes) -> None:
    assert decode(text) == unquote_to_bytes(text)
