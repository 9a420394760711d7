"""A GGUF header is read right, and a broken or hostile one is refused with the reason."""

import struct
from pathlib import Path

import gguf
import pytest

from quintet.errors import Kind
from quintet.models.estimate import (
    DoesNotFit,
    MemoryEstimate,
    available_bytes,
    estimate,
    require_fit,
)
from quintet.models.gguf import GgufBroken, open_header, parse_header
from quintet.models.gguf_types import FILE_TYPES, TENSOR_TYPES
from quintet.platform.files import FileFailure
from support.tiny_gguf import CHATML, make_tiny_gguf


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def entry(key: bytes, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def tensor(name: bytes, shape: tuple[int, ...], *, kind: int = 0, offset: int = 0) -> bytes:
    dims = struct.pack(f"<{len(shape)}Q", *shape)
    return text(name) + struct.pack("<I", len(shape)) + dims + struct.pack("<IQ", kind, offset)


def file_of(*, entries=(), tensors=(), version=3, body=b"", counts=None) -> bytes:
    n_tensors, n_entries = counts or (len(tensors), len(entries))
    start = b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_entries)
    head = start + b"".join(entries) + b"".join(tensors)
    return head + bytes(-len(head) % 32) + body


def test_the_header_of_a_real_file_is_read(tiny):
    header = open_header(tiny)
    assert header.architecture == "llama"
    assert header.quantisation == "F16"
    assert header.context_length == 2048
    assert header.template == CHATML
    assert header.licence == "apache-2.0"
    assert header.vocabulary_size == 261
    assert header.parts == 1
    assert not header.is_embedder


def test_tensors_are_where_the_reference_reader_finds_them(tiny):
    reference = {tensor.name: tensor for tensor in gguf.GGUFReader(tiny).tensors}
    header = open_header(tiny)
    assert header.parameters == sum(tensor.n_elements for tensor in reference.values())
    for tensor_ in header.tensors:
        other = reference[tensor_.name]
        assert tensor_.offset == other.data_offset
        assert tensor_.size_bytes == other.n_bytes
        assert tensor_.shape == tuple(other.shape)
        assert tensor_.type == other.tensor_type.name


def test_our_type_tables_agree_with_the_reference_package():
    known = {int(kind): (kind.name, *sizes) for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert all(known[kind] == row for kind, row in TENSOR_TYPES.items() if kind in known)
    files = {int(kind): kind.name.partition("_")[2] for kind in gguf.LlamaFileType}
    assert all(files[kind] == name for kind, name in FILE_TYPES.items() if kind in files)


def test_lists_are_kept_when_short_and_counted_when_long():
    tokens = struct.pack("<IQ", 8, 2000) + text(b"ab") * 2000
    heads = struct.pack("<IQ3i", 5, 3, 4, 2, -1)
    header = parse_header(
        file_of(
            entries=[
                entry(b"general.architecture", 8, text(b"x")),
                entry(b"tokenizer.ggml.tokens", 9, tokens),
                entry(b"x.attention.head_count_kv", 9, heads),
            ]
        )
    )
    assert header.vocabulary_size == 2000
    assert header.metadata["x.attention.head_count_kv"] == [4, 2, -1]
    assert header.of_architecture("attention.head_count_kv") == 4


def test_without_a_named_type_the_largest_one_is_told():
    data = file_of(tensors=[tensor(b"a", (8,), kind=1), tensor(b"b", (32,), kind=8, offset=32)])
    assert parse_header(data + bytes(66)).quantisation == "Q8_0"


@pytest.mark.demand("MODELS-4")
def test_every_truncation_of_a_model_is_refused(tiny):
    data = tiny.read_bytes()
    header_end = min(tensor.offset for tensor in open_header(tiny).tensors)
    cuts = [*range(header_end), *range(header_end, len(data), 4999), len(data) - 1]
    for cut in cuts:
        with pytest.raises(GgufBroken):
            parse_header(data[:cut])


SCALAR = entry(b"k", 4, struct.pack("<I", 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GGML" + bytes(100),
        b"GGUF",
        b"PK\x03\x04" + bytes(64),
        file_of(version=1),
        file_of(version=99),
        b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + bytes(64),
        file_of(counts=(0, 2**63)),
        file_of(counts=(2**63, 0)),
        file_of(counts=(0, 5)),
        file_of(counts=(3, 0)),
        file_of(entries=[SCALAR, SCALAR]),
        file_of(entries=[entry(b"k", 77, b"")]),
        file_of(entries=[struct.pack("<Q", 2**64 - 1)]),
        file_of(entries=[struct.pack("<Q", 2**63) + b"k"]),
        file_of(entries=[entry(b"k", 8, struct.pack("<Q", 2**40))]),
        file_of(entries=[entry(b"k", 9, struct.pack("<IQ", 4, 2**62))]),
        file_of(entries=[entry(b"k", 9, struct.pack("<IQ", 8, 2**61))]),
        file_of(entries=[entry(b"k", 9, struct.pack("<IQ", 9, 1) * 50)]),
        file_of(entries=[entry(b"k", 9, struct.pack("<IQ", 8, 2000) + struct.pack("<Q", 2**50))]),
        file_of(entries=[entry(b"general.alignment", 4, struct.pack("<I", 0))]),
        file_of(entries=[entry(b"general.alignment", 4, struct.pack("<I", 33))]),
        file_of(entries=[entry(b"general.alignment", 8, text(b"32"))]),
        file_of(tensors=[tensor(b"t", ())]),
        file_of(tensors=[tensor(b"t", (1,) * 9)]),
        file_of(tensors=[tensor(b"t", (0,))], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (2**62, 2**62))], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (8,), kind=555)], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (7,), kind=8)], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (8,), offset=2**63)], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (8,), offset=7)], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (8,)), tensor(b"u", (8,))], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (8,)), tensor(b"t", (8,), offset=32)], body=bytes(64)),
        file_of(tensors=[tensor(b"t", (800,))], body=bytes(64)),
    ],
)
@pytest.mark.demand("MODELS-4")
def test_a_file_that_lies_about_itself_is_refused(data):
    with pytest.raises(GgufBroken) as caught:
        parse_header(data)
    assert caught.value.why
    assert caught.value.kind is Kind.INTEGRITY


def test_a_file_on_disk_is_named_in_the_refusal(tmp_path):
    path = tmp_path / "not a model.gguf"
    path.write_bytes(b"\xff" * 200)
    with pytest.raises(GgufBroken, match="not a model"):
        open_header(path)
    path.write_bytes(b"")
    with pytest.raises(GgufBroken, match="empty"):
        open_header(path)
    with pytest.raises(FileFailure):
        open_header(tmp_path / "missing.gguf")
    with pytest.raises(FileFailure):
        open_header(tmp_path)


def test_the_estimate_counts_weights_conversation_and_work(tiny):
    header = open_header(tiny)
    one, two = estimate(header, 512), estimate(header, 1024)
    assert one.weights_bytes == header.weights_bytes
    # Two layers, one head of 32 for keys and one for values, 16 bits each.
    assert one.cache_bytes == 512 * 2 * (32 + 32) * 2
    assert two.cache_bytes == 2 * one.cache_bytes
    assert one.total_bytes == one.weights_bytes + one.cache_bytes + one.compute_bytes


def test_layers_with_different_numbers_of_heads_are_added_up():
    entries = [
        entry(b"general.architecture", 8, text(b"x")),
        entry(b"x.embedding_length", 4, struct.pack("<I", 64)),
        entry(b"x.attention.head_count", 4, struct.pack("<I", 4)),
        entry(b"x.attention.head_count_kv", 9, struct.pack("<IQ3i", 5, 3, 4, 2, 0)),
    ]
    assert estimate(parse_header(file_of(entries=entries)), 1).cache_bytes == 6 * (16 + 16) * 2


def test_a_model_that_does_not_fit_is_refused_with_the_numbers():
    needed = MemoryEstimate(4 << 30, 1 << 30, 1 << 30)
    require_fit(needed, 6 << 30, "big")
    with pytest.raises(DoesNotFit) as caught:
        require_fit(needed, (6 << 30) - 1, "big")
    assert "6.0 GiB" in caught.value.why
    assert caught.value.hint == "choose a smaller model or quantisation: ai edge fit"


def test_available_memory_respects_the_limit_of_a_container(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable:  4000 kB\n")
    assert available_bytes(tmp_path) == 4000 * 1024
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("max\n")
    (group / "memory.current").write_text("1000\n")
    assert available_bytes(tmp_path) == 4000 * 1024
    (group / "memory.max").write_text("3000\n")
    assert available_bytes(tmp_path) == 2000


def test_where_the_system_does_not_tell_nothing_is_refused(tmp_path):
    assert available_bytes(tmp_path) > 1 << 50
