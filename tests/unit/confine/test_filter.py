"""Every call that could reach out is held on every machine that we know, by any spelling."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.platform.confine.filter import (
    ALLOW,
    ASK_SUPERVISOR,
    encoded,
    fingerprint,
    program,
)
from quintet.platform.confine.machine import AARCH64, LAST_KNOWN_CALL, MACHINES, X86_64, Machine
from support.bpf import verdict

UNIX, STREAM, DGRAM, SEQPACKET = 1, 1, 2, 5
FLAGS = (0, 0o4000, 0o2000000, 0o2004000)
GARBAGE_ABOVE = (0, 1 << 32, 0xDEADBEEF << 32)
machines = pytest.mark.parametrize("machine", MACHINES.values(), ids=lambda m: m.name)


def answer(machine: Machine, name: str, *arguments: int) -> int:
    return verdict(
        program(machine),
        arch=machine.audit_arch,
        call=machine.calls[name],
        arguments=arguments,
    )


@machines
@pytest.mark.parametrize("call", ["socket", "socketpair"])
def test_only_local_sockets_that_do_nothing_by_themselves_are_given(
    machine: Machine, call: str
) -> None:
    for family in range(64):
        for kind in range(16):
            for flags in FLAGS:
                for garbage in GARBAGE_ABOVE:
                    given_out = answer(machine, call, family | garbage, kind | flags | garbage)
                    inert = family == UNIX and kind in (STREAM, SEQPACKET)
                    assert given_out == (ALLOW if inert else ASK_SUPERVISOR)


REACHING_OUT = [
    *("connect", "sendmsg", "sendmmsg", "bind", "listen"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"),
    *("request_key", "add_key", "keyctl", "mq_open", "msgget"),
]


@machines
@pytest.mark.parametrize("call", REACHING_OUT)
@given(arguments=st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_what_reaches_out_is_held_with_any_arguments(
    machine: Machine, call: str, arguments: list[int]
) -> None:
    assert answer(machine, call, *arguments) == ASK_SUPERVISOR


@machines
def test_sending_with_an_address_is_held_and_without_one_is_not(machine: Machine) -> None:
    for address in (1, 0x7FFF_0000_0000, 1 << 32, 2**64 - 1):
        assert answer(machine, "sendto", 3, 0x1000, 5, 0, address, 16) == ASK_SUPERVISOR
    assert answer(machine, "sendto", 3, 0x1000, 5, 0, 0, 16) == ALLOW


@machines
def test_typing_into_the_terminal_is_held_and_other_requests_are_not(machine: Machine) -> None:
    for garbage in GARBAGE_ABOVE:
        assert answer(machine, "ioctl", 0, 0x5412 | garbage) == ASK_SUPERVISOR
        assert answer(machine, "ioctl", 0, 0x541C | garbage) == ASK_SUPERVISOR
        assert answer(machine, "ioctl", 0, 0x5401 | garbage) == ALLOW


@machines
def test_calls_by_another_interface_or_from_the_future_are_held(machine: Machine) -> None:
    steps = program(machine)
    other_marks = [m.audit_arch for m in MACHINES.values() if m is not machine]
    for arch in (*other_marks, 0x40000003, 0x40000028, 0):
        for call in (0, 1, 41, 102, 198, 359):
            assert verdict(steps, arch=arch, call=call) == ASK_SUPERVISOR
    for call in (LAST_KNOWN_CALL + 1, 512, 0x40000000 | 41, 0x7FFFFFFF, -1):
        assert verdict(steps, arch=machine.audit_arch, call=call) == ASK_SUPERVISOR


@machines
def test_every_other_known_call_runs_at_full_speed(machine: Machine) -> None:
    steps = program(machine)
    named = set(machine.calls.values())
    for call in range(LAST_KNOWN_CALL + 1):
        if call not in named:
            assert verdict(steps, arch=machine.audit_arch, call=call) == ALLOW


@machines
@given(
    call=st.integers(0, 2**32 - 1),
    arch=st.sampled_from([X86_64.audit_arch, AARCH64.audit_arch, 0x40000003]),
    arguments=st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6),
)
def test_the_program_always_ends_in_one_of_two_answers(
    machine: Machine, call: int, arch: int, arguments: list[int]
) -> None:
    found = verdict(program(machine), arch=arch, call=call, arguments=arguments)
    assert found in (ALLOW, ASK_SUPERVISOR)


HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


@machines
def test_the_numbers_are_those_of_the_kernels_own_headers(machine: Machine) -> None:
    header = Path(HEADERS[machine.name])
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text()))
    for name, number in machine.calls.items():
        assert int(found[name]) == number, name


@machines
def test_the_program_is_what_its_fingerprint_says(machine: Machine) -> None:
    assert len(encoded(program(machine))) == 8 * len(program(machine))
    assert fingerprint(machine) == fingerprint(machine)
    assert fingerprint(X86_64) != fingerprint(AARCH64)
