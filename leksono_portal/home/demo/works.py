"""The joint projects: made of decisions, reported on, handed over or given up."""

from forum.meetings import actions as forum
from leksono_portal.home.demo.clock import at, day
from leksono_portal.home.demo.drawings import draw
from leksono_portal.home.demo.people import person
from projects.portfolio import actions
from projects.portfolio.models import Photo
from projects.responses import actions as responses
from villages.areas.models import Village


def make(decision, tale):
    """The project with its plan."""
    lead, *partners = [Village.objects.get(slug=slug) for slug in tale.villages]
    by = person(f"operator.{lead.slug}")
    with at(tale.born, 9):
        project = forum.create_project(
            decision,
            by=by,
            lead_village=lead,
            partner_villages=partners,
            year=day(tale.born).year,
            title=tale.title,
            sector=tale.sector,
            place=tale.place,
            purpose=tale.purpose,
            beneficiary_families=tale.families,
            beneficiary_people=tale.people,
        )
        for title, cost, first, last in tale.plan:
            actions.add_work_item(
                project,
                by=by,
                title=title,
                cost=cost,
                starts_on=day(first),
                ends_on=day(last),
            )
    return project


def carry_out(project, tale):
    """What the lead village did and wrote, as far as the tale goes."""
    by = person(f"operator.{tale.villages[0]}")
    if tale.begun:
        offset, note = tale.begun
        with at(offset, 8):
            actions.start(project, by=by, note=note)
    for report in tale.reports:
        _report(project, tale, report, by)
    if tale.completed:
        offset, note = tale.completed
        with at(offset, 11):
            actions.complete(project, by=by, note=note)
    if tale.cancelled:
        offset, reason = tale.cancelled
        with at(offset, 13):
            head = person(f"kades.{tale.villages[0]}")
            actions.cancel(project, by=head, reason=reason)


def _report(project, tale, report, by):
    items = project.work_items.order_by("starts_on", "pk")
    with at(report.day, 15):
        written = actions.report_progress(
            project,
            by=by,
            reported_on=day(report.day),
            text=report.text,
            spent=report.spent,
            percents=dict(zip([i.pk for i in items], report.percents, strict=True)),
        )
        actions.add_photo(
            project,
            by=by,
            report=written,
            upload=draw(tale.scene, round(written.physical)),
            alt=report.seen,
            moment=_moment(written.physical),
        )


def _moment(physical):
    if physical == 100:
        return Photo.Moment.DONE
    return Photo.Moment.HALF if 40 <= physical <= 60 else Photo.Moment.OTHER


def respond(pipe):
    """Two residents' responses to the pipe: one answered, one that waits."""
    resident = person("warga")
    with at(-9, 19):
        asked = responses.send(
            pipe,
            by=resident,
            text="Air di RT 02 baru mengalir malam hari. Kapan bak pembagi selesai?",
        )
    with at(-7, 9):
        responses.answer(
            asked,
            by=person("operator.kalimendong"),
            text="Bak pembagi selesai dua pekan lagi. Sampai saat itu air digilir: "
            "RT 01 dan RT 02 malam hari, yang lain siang.",
        )
    with at(-2, 20):
        responses.send(
            pipe,
            by=resident,
            text="Terima kasih, galiannya rapi. Apakah sambungan rumah dipungut biaya?",
        )
