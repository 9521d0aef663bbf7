from datetime import timedelta

from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from leksono_portal.home import views
from leksono_portal.kit import papers


def look(client):
    page = client.get("/sehat/")
    assert not page.cookies and "no-store" in page["Cache-Control"]
    return page.status_code, page.json()


def test_a_portal_in_order_is_well(db, client):
    status, told = look(client)
    assert status == 200
    assert told["sehat"] is True and told["pekerja"] == "baik"


def test_a_task_that_waits_too_long_tells_that_the_worker_stands_still(db, client):
    papers.render_paper.enqueue(1)
    assert look(client)[0] == 200
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=11))
    status, told = look(client)
    assert status == 503
    assert "menunggu" in told["pekerja"] and told["basis_data"] == "baik"


def test_a_database_that_does_not_answer_is_told(db, client, monkeypatch):
    def no_answer(*args):
        raise OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(CursorWrapper, "execute", no_answer)
        status, told = look(client)
    assert status == 503 and told["basis_data"] == "tidak menjawab"


def test_a_full_disk_is_told():
    assert views._disk_ill(views.FREE_BYTES_NEEDED - 1) == "hampir penuh"
    assert views._disk_ill(views.FREE_BYTES_NEEDED) is None
