"""What can be set, written down: the sample file for people, the JSON schema for their editors."""

import json
from collections.abc import Iterator
from typing import Any, cast

from quintet.platform.config.option import Option
from quintet.platform.config.schema import Schema

_HEAD = """\
# Every setting with its default. Put what you change into your own file: `ai config path`
# tells where it is, `ai config set KEY VALUE` writes it. Stronger are `.ai/config.toml` of a
# trusted project, variables such as AI_BUDGET__DAY_USD, and `--config KEY=VALUE`.
"""


def sample_file(schema: Schema) -> str:
    """All sections with help and defaults, every value commented out."""
    sections = ("\n".join(_section(schema, name)) for name in schema.sections())
    return "\n\n".join([_HEAD.rstrip("\n"), *sections]) + "\n"


def json_schema(schema: Schema) -> dict[str, Any]:
    """JSON Schema of the settings file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of ai",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    option.name: option_schema(option) for option in schema.section(name).values()
                },
            }
            for name in schema.sections()
        },
    }


def option_schema(option: Option) -> dict[str, Any]:
    default = option.shape.write(option.default)
    return {**option.shape.schema, "description": option.help, "default": default}


def toml_value(value: Any) -> str:
    """A plain value as it stands in a TOML file."""
    if isinstance(value, list):
        return f"[{', '.join(toml_value(item) for item in cast(list[Any], value))}]"
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value).items()
        return f"{{{', '.join(f'{name} = {toml_value(item)}' for name, item in entries)}}}"
    return json.dumps(value, ensure_ascii=False)


def _section(schema: Schema, name: str) -> Iterator[str]:
    yield f"[{name}]"
    for option in schema.section(name).values():
        scope = " A trusted project may set it." if option.project_safe else ""
        yield f"# {option.help} ({option.shape.expects}){scope}"
        yield f"# {option.name} = {toml_value(option.shape.write(option.default))}"
