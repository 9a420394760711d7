"""The kernel's side of consent: processes that cannot reach the network, and the proof of it."""
