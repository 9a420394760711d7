"""`python -m quintet_cli.reference FOLDER` writes every generated page below a folder."""

import json
import sys
from pathlib import Path

from quintet.app.sections import SECTIONS
from quintet.platform.config.sample import sample_file
from quintet.platform.config.schema import Schema
from quintet_cli.completion.generate import Shell, file_name, script_for
from quintet_cli.reference import man, markdown
from quintet_cli.reference.every import commands
from quintet_cli.reference.results import results


def generated() -> dict[str, str]:
    """Each generated file by its place in the repository."""
    verbs = commands()
    files = {f"completions/{file_name(shell)}": script_for(shell, verbs) for shell in Shell}
    files |= {f"man/man1/{name}": text for name, text in man.pages(verbs).items()}
    files["config/default.toml"] = sample_file(Schema(SECTIONS))
    files["docs/reference/results.json"] = json.dumps(results(verbs), indent=1) + "\n"
    return files | {"docs/reference/cli.md": markdown.page(verbs)}


if __name__ == "__main__":
    for place, text in generated().items():
        target = Path(sys.argv[1], place)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
