import json
import os
import stat

from leksono_portal.run import env


def test_values_of_the_environment_win_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("# PORT=1\nPORT=9000\n\nSITE_URL = 'https://desa.example'\nrusak\n")
    monkeypatch.setenv("PORT", "8001")
    monkeypatch.delenv("SITE_URL", raising=False)
    env.load_file(file)
    assert os.environ["PORT"] == "8001"
    assert os.environ["SITE_URL"] == "https://desa.example"


def test_a_missing_file_is_no_fault(tmp_path):
    env.load(tmp_path)


def test_the_secret_key_is_written_once_and_for_the_owner_alone(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    monkeypatch.setenv("SECRET_KEY", "")
    assert env.ensure_secret_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_text()
    assert not env.ensure_secret_key(file)
    assert file.read_text() == first
    monkeypatch.delenv("SECRET_KEY")
    env.load_file(file)
    assert len(os.environ["SECRET_KEY"]) >= 50


def test_the_secret_key_joins_what_the_file_already_says(tmp_path, monkeypatch):
    file = tmp_path / ".env"
    file.write_text("PORT=9000")  # no newline at its end
    monkeypatch.delenv("SECRET_KEY", raising=False)
    env.ensure_secret_key(file)
    assert file.read_text().splitlines()[0] == "PORT=9000"
    assert file.read_text().splitlines()[1].startswith("SECRET_KEY=")


def test_manage_py_reaches_the_data_of_the_running_portal(tmp_path, monkeypatch):
    (tmp_path / ".run").mkdir()
    known = {"DATABASE_URL": "postgres://a", "SITE_URL": "http://127.0.0.1:9000"}
    (tmp_path / ".run/state.json").write_text(json.dumps({"environment": known}))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("SITE_URL", "https://desa.example")
    env.load(tmp_path)
    assert os.environ["DATABASE_URL"] == "postgres://a"
    assert os.environ["SITE_URL"] == "https://desa.example"
