"""The documents say what is true: their code runs, their links lead somewhere, no command is left out."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from workbench.cli.app import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(
        path for folder in ("docs", "evidence", "notebooks", "dashboards") for path in (ROOT / folder).glob("*.md")
    ),
]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def text_of(path):
    """A document's text, a notebook's prose."""
    if path.suffix != ".ipynb":
        return path.read_text("utf-8")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def commands(group, path=()):
    """All commands of the command line as tuples of words, such as ("data", "import")."""
    if not hasattr(group, "commands"):
        return [path]
    return [words for name, command in group.commands.items() for words in commands(command, (*path, name))]


def test_the_five_lines_run_as_written(tmp_path):
    """The README's Python block, in a fresh interpreter with an empty home, ends in a verified report."""
    (block,) = re.findall(r"```python\n(.*?)```", text_of(ROOT / "README.md"), re.DOTALL)
    *head, last = block.strip().splitlines()
    program = "\n".join([*head, f"print({last.split('#')[0].strip()})"])
    shell = {"WORKBENCH_HOME": str(tmp_path), "PATH": "", "HOME": str(Path.home())}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=shell,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"smaCross-ETHUSDT-1h-[0-9a-f]{12}: verified, sha256:[0-9a-f]{64}\n", done.stdout)
    assert len(list((tmp_path / "evidence" / "backtest").glob("*.json"))) == 1


def test_every_command_is_in_the_readme():
    """Somebody who reads the README knows every command there is."""
    shown = text_of(ROOT / "README.md")
    found = commands(typer.main.get_command(app))
    assert ("data", "import") in found
    missing = [" ".join(words) for words in found if not re.search(rf"`(workbench )?{' '.join(words)}\b", shown)]
    assert missing == []


def test_every_make_target_is_documented():
    """Each target that `make help` lists is in the README or in CONTRIBUTING."""
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    shown = text_of(ROOT / "README.md") + text_of(ROOT / "CONTRIBUTING.md")
    assert {"run", "test"} <= set(targets)
    assert [name for name in targets if name not in ("help", "clean") and f"make {name}" not in shown] == []


@pytest.mark.parametrize("path", [*DOCUMENTS, *NOTEBOOKS], ids=lambda path: path.name)
def test_links_lead_to_files(path):
    """A link or picture that names a file of the repository finds it; only secure addresses lead outside."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
        if "://" in target:
            assert target.startswith("https://"), target
        else:
            assert (path.parent / target.split("#")[0]).exists(), target


def test_folders_in_the_map_exist():
    """The map of the house shows rooms that are there."""
    house = text_of(ROOT / "README.md").split("## The house")[1].split("\n## ")[0]
    folders = [
        name for row in re.findall(r"^\| (`.*?) \|", house, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    ]
    assert len(folders) > 10
    assert [name for name in folders if not (ROOT / name).is_dir()] == []
    rooms = {path.name for path in (ROOT / "workbench").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= {name.removeprefix("workbench/") for name in folders}


def test_pictures_are_small():
    """A picture is loaded by everybody who opens the page."""
    pictures = list((ROOT / "docs").glob("*.png"))
    assert pictures
    assert all(path.stat().st_size < 300_000 for path in pictures)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_have_outputs_and_tell_nothing_about_a_machine(path):
    """Every notebook was run in order without an error; no path, no time of a run is in it; it says SIMULATED."""
    text = path.read_text("utf-8")
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [out for cell in code for out in cell["outputs"] if out["output_type"] in ("error", "stream")]
    assert not re.search(r"/(home|root|work|tmp|Users)/|ipykernel_", text)
    assert not [cell for cell in code if "execution" in cell["metadata"]]
    assert "SIMULATED" in text_of(path)
    assert len(text) < 1_000_000
