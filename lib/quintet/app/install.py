"""The plan that installs a heavy part."""

from quintet.platform.extras import INSTALLED, Extra, PackageEffects
from quintet.platform.policy.plan import Plan
from quintet.platform.record.event import Effect, Reversal


def plan_install(extra: Extra) -> Plan:
    """Every package of an extra that is not installed yet."""
    packages = PackageEffects()
    effects = [
        Effect(
            kind=packages.kind,
            target=requirement,
            before=None,
            after=INSTALLED,
            reversal=Reversal.COMPENSABLE,
            note="downloaded from your package index by pip; undo uninstalls it",
        )
        for requirement in extra.requirements()
        if packages.state(requirement) is None
    ]
    return Plan(
        group="setup",
        verb=extra.name,
        summary=f"install the part '{extra.name}': {extra.purpose}",
        effects=tuple(effects),
        reasons=(f"it needs {extra.size}",),
    )
