"""Imports run downwards only, and so do foreign keys written as strings, which leave no import."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_import_contracts(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_foreign_keys_point_downwards():
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("id") == "rooms")
    rooms = {name: depth for depth, name in enumerate(layers)}
    upwards = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in rooms
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and field.related_model
        and rooms.get(field.related_model._meta.app_label, 99) < rooms[model._meta.app_label]
    ]
    assert upwards == []


@pytest.mark.parametrize("package", sorted({p.parent for p in ROOT.glob("src/**/*.py")}), ids=str)
def test_every_folder_of_code_is_a_package(package):
    assert (package / "__init__.py").exists() or package == ROOT / "src"
