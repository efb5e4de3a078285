from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.byte_set import byte_set, within


@given(st.binary(max_size=64), st.binary(max_size=300))
def test_a_value_is_within_a_set_if_each_of_its_bytes_is(value: bytes, allowed: bytes) -> None:
    assert within(value, byte_set(allowed)) is all(byte in allowed for byte in value)
