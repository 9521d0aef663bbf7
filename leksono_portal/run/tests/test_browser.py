import pytest

from leksono_portal.run import browser


@pytest.fixture
def no_programs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_missing_browser_fails_the_build_server(no_programs, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    assert browser.main() == 1
    assert "apt install chromium" in capsys.readouterr().out


def test_a_missing_browser_is_said_aloud_at_home(no_programs, monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)
    assert browser.main() == 3
    assert "DITINGGALKAN" in capsys.readouterr().out


def test_a_browser_on_the_path_is_found(no_programs, tmp_path):
    program = tmp_path / "google-chrome"
    program.touch(mode=0o755)
    assert browser.find() == str(program)
    assert browser.main() == 0
