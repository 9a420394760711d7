"""What the verbs of `ai models` say in the same words."""

from quintet.models.catalog import Entry
from quintet.models.prices import Price


def kind_of(entry: Entry) -> str:
    """A file by its architecture and quantisation, anything else by its spec."""
    if entry.is_file:
        return " ".join(filter(None, (entry.architecture, entry.quantisation)))
    return entry.spec


def size(entry: Entry) -> str:
    if not entry.is_file:
        return ""
    gigabytes = entry.size_bytes / 1e9
    return f"{gigabytes:.1f} GB" if gigabytes >= 0.1 else f"{entry.size_bytes / 1e6:.1f} MB"


def facts(entry: Entry) -> str:
    """The few things about a model that a person wants to see at once."""
    licence = f"licence {entry.licence}" if entry.licence else ""
    return ", ".join(filter(None, (kind_of(entry), size(entry), licence)))


def cost(price: Price | None) -> str:
    """A price as people read price lists: dollars per million tokens."""
    if price is None:
        return "price not known"
    if price.is_free:
        return "free"
    prompt, completion = price.prompt / 1e6, price.completion / 1e6
    return f"${prompt:g} in, ${completion:g} out per million tokens ({price.as_of:%Y-%m-%d})"
