"""The effects that the record knows: files and moves at first, others as engines bring them."""

from collections.abc import Sequence

from quintet.platform.record.effects.changes import FileChanges
from quintet.platform.record.effects.file import FileHandler
from quintet.platform.record.effects.move import MoveHandler
from quintet.platform.record.effects.port import Compound, EffectHandler, UnknownEffect
from quintet.platform.record.event import Effect
from quintet.platform.record.vault import Vault


class Effects:
    """Finds the handler of an effect."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._registered: dict[str, EffectHandler] = {}

    def register(self, handler: EffectHandler) -> None:
        self._registered[handler.kind] = handler

    def handler(self, kind: str, group: str) -> EffectHandler:
        if kind == FileHandler.kind:
            return self.files(group)
        if kind == MoveHandler.kind:
            return MoveHandler(self.files(group))
        try:
            return self._registered[kind]
        except KeyError as error:
            raise UnknownEffect(
                f"effects of the kind '{kind}' are unknown here",
                why=f"the part of ai that made them is not loaded (group '{group}')",
            ) from error

    def parts(self, effect: Effect, group: str) -> Sequence[Effect]:
        """The changes of single targets that an effect consists of."""
        try:
            handler = self.handler(effect.kind, group)
        except UnknownEffect:
            return [effect]
        return handler.parts(effect) if isinstance(handler, Compound) else [effect]

    def files(self, group: str) -> FileHandler:
        return FileHandler(self._vault.shelf(group))

    def changes(self, group: str) -> FileChanges:
        return FileChanges(self.files(group), self._vault.shelf(group))
