"""Which loader reads a file, told by its name and its first bytes.

Foreign formats run in a process of their own with limits; text that is only decoded does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath

from quintet.retrieval.document import Document, Limits

Load = Callable[[bytes, Limits], Document]

HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Loader:
    """A family of formats. `is_foreign` ones are parsed by much code, in a process apart.

    Raise `version` when texts come out differently: what was indexed before is then done anew.
    """

    name: str
    place: str
    endings: frozenset[str]
    is_foreign: bool = False
    version: int = 1

    def load(self, data: bytes, limits: Limits) -> Document:
        module, _, function = self.place.partition(":")
        load: Load = getattr(import_module(module), function)
        return load(data, limits)


def _loader(name: str, place: str, endings: str, *, is_foreign: bool = False) -> tuple[str, Loader]:
    module = f"quintet.retrieval.{place}"
    return name, Loader(name, module, frozenset(endings.split()), is_foreign)


LOADERS: dict[str, Loader] = dict(
    (
        _loader("markdown", "loaders.markdown:load", ".md .markdown .mdown .mkd .qmd .rmd"),
        _loader("html", "loaders.html:load", ".html .htm .xhtml", is_foreign=True),
        _loader("pdf", "adapters.pdf:load", ".pdf", is_foreign=True),
        _loader("docx", "loaders.docx:load", ".docx .docm", is_foreign=True),
        _loader("mail", "loaders.mail:load", ".eml", is_foreign=True),
        _loader("mbox", "loaders.mail:load_mbox", ".mbox .mbx", is_foreign=True),
        _loader("python", "loaders.code:load_python", ".py .pyi .pyw", is_foreign=True),
        _loader(
            "code",
            "loaders.code:load",
            ".c .h .cc .cpp .cxx .hh .hpp .cs .go .rs .java .kt .kts .scala .swift .m .mm .js "
            ".jsx .mjs .cjs .ts .tsx .vue .svelte .rb .php .pl .pm .lua .r .jl .ex .exs .erl "
            ".hs .ml .mli .fs .clj .lisp .el .sh .bash .zsh .fish .ps1 .sql .proto .graphql "
            ".zig .nim .d .dart .groovy .gradle .tf .cmake .mk .vim .asm .s",
        ),
        _loader(
            "text",
            "loaders.text:load",
            ".txt .text .log .rst .adoc .asciidoc .org .tex .bib .csv .tsv .json .jsonl "
            ".ndjson .yaml .yml .toml .ini .cfg .conf .properties .env .xml .srt .vtt .ics "
            ".vcf .diff .patch .po .nfo .me .1 .2 .3 .4 .5 .6 .7 .8",
        ),
    )
)
# What is certainly none of these, so that it need not be read.
BINARY = frozenset(
    ".7z .a .aac .apk .avi .avif .bin .bmp .bz2 .class .dat .db .deb .dll .dmg .doc .duckdb "
    ".dylib .eot .epub .exe .flac .gguf .gif .gz .heic .ico .iso .jar .jpeg .jpg .lock .m4a "
    ".m4v .mkv .mo .mov .mp3 .mp4 .npy .npz .o .odp .ods .odt .ogg .onnx .otf .parquet .pkl "
    ".png .pptx .psd .pt .pyc .pyd .rar .rpm .safetensors .so .sqlite .svg .tar .tgz .tif "
    ".tiff .ttf .wasm .wav .webm .webp .whl .woff .woff2 .xls .xlsx .xz .zip .zst".split()
)
_SIGNS = ((b"%PDF-", "pdf"), (b"From ", "mbox"), (b"<!doctype html", "html"), (b"<html", "html"))


def loader_for(name: str, head: bytes) -> Loader | None:
    """The loader for a file of this name that begins like this; None where there is none."""
    ending = PurePath(name).suffix.lower()
    # What it is counts for more than what it is called: a PDF is often called something else.
    if head.startswith(b"%PDF-"):
        return LOADERS["pdf"]
    for loader in LOADERS.values():
        if ending in loader.endings:
            return loader
    if ending in BINARY:
        return None
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for sign, loader_name in _SIGNS:
        if start.startswith(sign.lower()):
            return LOADERS[loader_name]
    if head.startswith(b"#!") and b"python" in head.partition(b"\n")[0]:
        return LOADERS["python"]
    return LOADERS["text"]
