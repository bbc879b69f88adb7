"""What the package says that it needs is what it imports."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_DEVELOPMENT = ("bench", "dev")

# Imported by code of an extra that tests go without.
NOT_INSTALLED = {"umap": "umap-learn"}


def distribution_names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def imported() -> set[str]:
    """Distributions of all modules that src imports, also inside functions."""
    modules = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    homes = packages_distributions()
    others = modules - sys.stdlib_module_names - {"eruv"}
    return {canonicalize_name(homes.get(one, [NOT_INSTALLED.get(one, one)])[0]) for one in others}


def test_what_is_imported_is_declared() -> None:
    extras = [one for name in EXTRAS if name not in FOR_DEVELOPMENT for one in EXTRAS[name]]
    missing = imported() - distribution_names(PROJECT["dependencies"] + extras)
    assert not missing, "name them in pyproject.toml"


def test_what_is_declared_is_imported() -> None:
    # jsonargparse imports it where docstrings explain options.
    by_others = {"docstring-parser"}
    assert distribution_names(PROJECT["dependencies"]) - by_others <= imported()


def test_the_lock_has_every_dependency_at_a_version_that_is_allowed() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    versions = {canonicalize_name(name): version for name, version in pins.items()}
    declared = PROJECT["dependencies"] + [one for name in EXTRAS for one in EXTRAS[name]]
    for requirement in map(Requirement, declared):
        if requirement.name not in ("eruv", "umap-learn"):
            version = versions.get(canonicalize_name(requirement.name), "none")
            assert requirement.specifier.contains(version), requirement
