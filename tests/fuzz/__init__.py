"""Mutated requests and mutated answers through the real edge and the real upstream layer; the
promise is checked after each."""
