from cors_proxy.learn.seen import Seen
from cors_proxy.operate.lazy_memory import LazyMemory


def test_it_keeps_what_it_takes() -> None:
    memory = LazyMemory()
    seen = Seen(method="GET", path="/items", origin="https://app.example.com")
    memory.take([seen], 2)
    memory.take([seen], 0)
    assert len(memory.get()) == 1
    assert memory.get().beyond == 2
