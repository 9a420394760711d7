"""A schema of made-up sections, and a home in which settings files can be put."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal

from quintet.platform.config.config import Config
from quintet.platform.config.effects import SettingEffects, plan_setting
from quintet.platform.config.load import load_config, trust_of, user_file
from quintet.platform.config.schema import Schema
from quintet.platform.config.toml_file import read_toml
from quintet.platform.paths import Paths
from quintet.platform.record.event import Effect


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class OvenSettings:
    """One field of every shape."""

    is_hot: bool = field(default=False, metadata={"help": "Whether it is hot."})
    shelves: int = field(default=2, metadata={"help": "Shelves.", "min": 1, "max": 9})
    heat: float = field(default=0.5, metadata={"help": "Heat.", "project_safe": True})
    bake_s: float = field(default=60.0, metadata={"help": "How long.", "min": 0})
    tray_bytes: int = field(default=1024, metadata={"help": "How much."})
    price: Decimal | None = field(default=Decimal("1.50"), metadata={"help": "What it costs."})
    name: str = field(default="", metadata={"help": "Its name.", "project_safe": True})
    door: Path = field(default=Path(), metadata={"help": "Where the door is."})
    racks: tuple[str, ...] = field(default=(), metadata={"help": "Racks."})
    colour: Colour = field(default=Colour.RED, metadata={"help": "Its colour."})
    mode: Literal["grill", "fan"] = field(default="fan", metadata={"help": "How it heats."})
    tips: Mapping[str, Decimal] = field(
        default_factory=dict[str, Decimal], metadata={"help": "Tips by name."}
    )
    maker: str = field(
        default="Ofen",
        metadata={"help": "Who.", "accepts": str.istitle, "expects": "a proper name"},
    )


@dataclass(frozen=True, slots=True)
class KettleSettings:
    litres: float = field(default=1.5, metadata={"help": "Litres."})


SCHEMA = Schema({"oven": OvenSettings, "kettle": "support.configs:KettleSettings"})


def change(file: Path, key: str, text: str | None) -> tuple[Effect, ...]:
    """Plan a change of one setting and carry it out at once."""
    plan = plan_setting(file, SCHEMA.target(key), text, group="config")
    for effect in plan.effects:
        SettingEffects().apply(effect)
    return plan.effects


class ConfigHome:
    """Settings files of one user who stands in a project folder."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths.under(root / "home")
        self.project = root / "project"
        self.file = user_file(self.paths)
        self.project_file = self.project / ".ai" / "config.toml"
        self.file.parent.mkdir(parents=True)
        self.project_file.parent.mkdir(parents=True)

    def user(self, text: str) -> None:
        self.file.write_text(text)

    def trusted(self, text: str) -> None:
        self.project_file.write_text(text)
        file = read_toml(self.project_file)
        assert file is not None
        trust = trust_of(self.paths)
        place = trust.place_of(file.path)
        trust.put(place, trust.digest_of(file), was=trust.approvals().get(place))

    def config(
        self, *given: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Config:
        folder = cwd or self.project
        return load_config(SCHEMA, self.paths, env=env or {}, cwd=folder, given=given)

    def oven(self, *given: str, env: Mapping[str, str] | None = None) -> OvenSettings:
        return self.config(*given, env=env).section("oven", OvenSettings)
