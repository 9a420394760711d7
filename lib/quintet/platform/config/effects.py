"""Changes of settings as recorded effects: each is one key, so undo leaves later ones alone."""

from pathlib import Path
from typing import Any

from quintet.platform.config.schema import Target
from quintet.platform.config.toml_file import TomlFile
from quintet.platform.config.trust import Trust
from quintet.platform.policy.plan import Plan, Risk
from quintet.platform.record.event import Effect


class SettingEffects:
    """Values in settings files. A target is the file and the key, as in `/x/config.toml#a.b`."""

    kind = "setting"

    def state(self, target: str) -> Any:
        from quintet.platform.config.edit import value_in

        return value_in(*_place(target))

    def apply(self, effect: Effect) -> None:
        self._put(effect.target, effect.after, was=effect.before)

    def revert(self, effect: Effect) -> None:
        self._put(effect.target, effect.before, was=effect.after)

    def _put(self, target: str, value: Any, *, was: Any) -> None:
        from quintet.platform.config.edit import put_value

        put_value(*_place(target), value, was=was)


class TrustEffects:
    """Projects whose settings are trusted. A target is the file, a state the digest of it."""

    kind = "trust"

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    def state(self, target: str) -> str | None:
        return self._trust.approvals().get(target)

    def apply(self, effect: Effect) -> None:
        self._trust.put(effect.target, effect.after, was=effect.before)

    def revert(self, effect: Effect) -> None:
        self._trust.put(effect.target, effect.before, was=effect.after)


def plan_setting(path: Path, target: Target, text: str | None, *, group: str) -> Plan:
    """A plan to set a key to a value as it was typed, or with None to leave it to others."""
    from quintet.platform.config.edit import plain_value

    key = ".".join(target.path)
    place = f"{path.resolve()}#{key}"
    before = SettingEffects().state(place)
    after = None if text is None else plain_value(target, text)
    verb, summary = ("unset", f"unset {key}") if text is None else ("set", f"{key} = {text}")
    effects = () if before == after else (Effect("setting", place, before, after),)
    return Plan(group, verb, summary, effects, risk=Risk.MILD)


def plan_trust(trust: Trust, file: TomlFile, *, reasons: tuple[str, ...]) -> Plan:
    """A plan to let a project's file set what a project may set, as it is written now."""
    place, digest = trust.place_of(file.path), trust.digest_of(file)
    before = trust.approvals().get(place)
    effects = () if before == digest else (Effect("trust", place, before, digest),)
    return Plan("config", "trust", f"trust the settings of {file.path}", effects, reasons)


def plan_distrust(trust: Trust, path: Path) -> Plan:
    """A plan to ignore a project's file from now on."""
    place = trust.place_of(path)
    before = trust.approvals().get(place)
    effects = () if before is None else (Effect("trust", place, before, None),)
    return Plan("config", "trust", f"trust {path} no longer", effects, risk=Risk.MILD)


def _place(target: str) -> tuple[Path, tuple[str, ...]]:
    path, _, key = target.rpartition("#")
    return Path(path), tuple(key.split(".", 2))
