"""What each address that changes something leaves in the audit log, or why it leaves nothing there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils import timezone

from tests.access.routes import CALLS, PAGES
from tests.access.world import PASSWORD, Side
from webapp.accounts.actor import Actor
from webapp.accounts.models import Role
from webapp.datasets import drafts
from webapp.datasets.models import Dataset, DatasetVersion
from webapp.evaluations.models import Evaluation
from webapp.jobs.models import Job
from webapp.reports.models import Report

NEW = "heron-by-3-ponds"


def nothing(side: Side) -> None:
    """The thing stands as the world has it."""


def failed(side: Side) -> None:
    """Its work came to a bad end."""
    Job.objects.filter(team=side.team).update(state="failed")


def waiting(side: Side) -> None:
    """Its work has not begun."""
    Job.objects.filter(pk=side.ids["job"]).update(state="queued")


def renamed(side: Side) -> None:
    """The report reads otherwise than when it was kept."""
    Report.objects.filter(pk=side.ids["report"]).update(title="Called otherwise")


def paused(side: Side) -> None:
    """Its work was set aside."""
    Job.objects.filter(pk=side.ids["job"]).update(state="paused")


def searching(side: Side) -> None:
    """Its search for a learning rate has not begun."""
    Job.objects.filter(rate_search=side.ids["search"]).update(state="queued")


def running(side: Side) -> None:
    """Its work is under way."""
    Job.objects.filter(pk=side.ids["job"]).update(state="running")


def archived(side: Side) -> None:
    """Its dataset lies in the archive."""
    Dataset.objects.filter(pk=side.ids["dataset"]).update(archived_at=timezone.now())


def fruitless(side: Side) -> None:
    """Its evaluation is one by itself, which failed."""
    job = Job.objects.create(team=side.team, kind="evaluate", queue="device", title="First: last on test", state="failed")
    Evaluation.objects.filter(pk=side.ids["evaluation"]).update(job=job, result=None, confusion=None)


def doubtful(side: Side) -> None:
    """Its dataset has findings."""
    Dataset.objects.filter(pk=side.ids["dataset"]).update(problem_count=3, problem_rules={"leak": 3})


def left(side: Side) -> None:
    """Somebody left its dataset's findings as they are."""
    doubtful(side)
    Dataset.objects.filter(pk=side.ids["dataset"]).update(left_count=3, left_at=timezone.now())


def drafted(side: Side) -> None:
    """Its dataset has a draft that takes an image out."""
    dataset = Dataset.objects.get(pk=side.ids["dataset"])
    drafts.change(Actor(dataset.created_by, side.team, Role.OWNER), dataset, [0], removed=True)


def twice_sealed(side: Side) -> None:
    """Its dataset has a second version."""
    first = Dataset.objects.get(pk=side.ids["dataset"]).versions.get()
    DatasetVersion.objects.create(dataset=first.dataset, number=2, parent=first, fingerprint="f", images=1, classes=first.classes)


class Audited(NamedTuple):
    """The verb, and what it takes for the action to happen in the world."""

    verb: str
    body: dict[str, Any] = {}  # beside the route's own
    named: str = ""  # a field of the body that names a thing of that side, as "experiment" or "archived=dataset"
    whose: str = "own"
    before: Callable[[Side], None] = nothing


RECORDED: dict[str, Audited] = {
    "/trash/move/": Audited("experiment.delete", named="experiment"),
    "/trash/restore/": Audited("dataset.restore", named="dataset", whose="trashed"),
    "/trash/purge/": Audited("experiment.purge", named="experiment", whose="trashed"),
    "/trash/empty/": Audited("experiment.purge", whose="trashed"),
    "/logout/": Audited("session.end"),
    "/account/password/": Audited("password.change", {"current": PASSWORD, "password": NEW}),
    "/account/mail/": Audited("password.mail", {"mail-current": PASSWORD, "mail-email": "a@example.org"}),
    "/account/tokens/": Audited("token.create", {"name": "nightly", "days": "30"}),
    "/account/tokens/<slug:id>/revoke/": Audited("token.revoke"),
    "/account/sessions/others/end/": Audited("session.revoke_others"),
    "/account/sessions/<str:handle>/end/": Audited("session.revoke"),
    "/account/teams/": Audited("team.create", {"team": "Owls"}),
    "/team/connections/new/": Audited("connection.create", {"name": "Lab", "bucket": "photos"}),
    "/team/connections/<str:id>/test/": Audited("connection.test"),
    "/team/connections/<str:id>/key/": Audited("connection.key", {"key": "another", "secret": "word"}),
    "/team/connections/<str:id>/delete/": Audited("connection.delete"),
    "/datasets/bring/bucket/": Audited("dataset.create", {"path": "animals"}),
    "/team/name/": Audited("team.rename", {"team": "Owls"}),
    "/team/invitations/": Audited("member.invite", {"role": "viewer", "days": "7"}),
    "/team/invitations/<str:id>/revoke/": Audited("member.uninvite"),
    "/team/members/<str:name>/role/": Audited("member.role", {"role": "editor"}),
    "/team/members/<str:name>/remove/": Audited("member.remove"),
    "/team/members/<str:name>/reset-link/": Audited("password.link"),
    "/datasets/sample/": Audited("dataset.create"),
    "/datasets/<str:id>/unarchive/": Audited("dataset.restore", before=archived),
    "/datasets/<str:id>/problems/leave/": Audited("dataset.leave", before=doubtful),
    "/datasets/<str:id>/problems/recall/": Audited("dataset.recall", before=left),
    "/datasets/<str:id>/draft/seal/": Audited("dataset.seal", before=drafted),
    "/datasets/<str:id>/draft/discard/": Audited("dataset.discard_draft", before=drafted),
    "/datasets/<str:id>/versions/<int:version>/revert/": Audited("dataset.revert", before=twice_sealed),
    "/datasets/<str:id>/erase/<int:position>/begin/": Audited("dataset.erase"),
    "/datasets/<str:id>/describe/": Audited("dataset.describe", {"description": "Reds and blues.", "licence": "CC BY 4.0"}),
    "/datasets/<str:id>/versions/<int:version>/download/": Audited("dataset.download"),
    "GET /datasets/{id}/versions/{number}/download": Audited("dataset.download"),
    "POST /datasets/{id}/images/{position}/erasure": Audited("dataset.erase"),
    "POST /datasets/{id}/unarchive": Audited("dataset.restore", before=archived),
    "POST /datasets/{id}/problems/leave": Audited("dataset.leave", before=doubtful),
    "PATCH /datasets/{id}/description": Audited("dataset.describe"),
    "POST /datasets/{id}/rounds": Audited("dataset.label"),
    "POST /datasets/{id}/suggestions": Audited("dataset.suggest", named="network=experiment"),
    "/datasets/<str:id>/delete/": Audited("dataset.archive"),
    "/datasets/<str:id>/quality/check/": Audited("dataset.check"),
    "/datasets/<str:id>/label/start/": Audited("dataset.label"),
    "/datasets/<str:id>/label/suggest/": Audited("dataset.suggest", named="network=experiment"),
    "/datasets/uploads/<str:id>/discard/": Audited("dataset.discard"),
    "/experiments/quick/<str:dataset_id>/": Audited("experiment.launch"),
    "/experiments/<str:id>/pause/": Audited("job.pause", before=waiting),
    "/experiments/<str:id>/resume/": Audited("job.resume", before=paused),
    "/experiments/<str:id>/finish/": Audited("job.finish", before=running),
    "/experiments/<str:id>/cancel/": Audited("job.cancel", before=waiting),
    "/experiments/<str:id>/retry/": Audited("experiment.retry", before=failed),
    "/experiments/<str:id>/replay/": Audited("experiment.launch"),
    "/experiments/<str:id>/delete/": Audited("experiment.delete"),
    "/experiments/<str:id>/again/": Audited("experiment.again", before=drafted),
    "/queue/cancel/": Audited("job.cancel", named="job", before=waiting),
    "/queue/jobs/<str:id>/cancel/": Audited("job.cancel", before=waiting),
    "/evaluations/of/<str:experiment_id>/": Audited("evaluation.request", {"split": "validation"}),
    "/evaluations/<str:id>/unsure/": Audited("experiment.unsure"),
    "/evaluations/<str:id>/delete/": Audited("evaluation.delete", before=fruitless),
    "/evaluations/<str:id>/probe/": Audited("evaluation.study"),
    "/classify/many/send/": Audited("classification.create", named="network=experiment"),
    "/classify/<str:id>/again/": Audited("classification.create", named="network=experiment"),
    "/classify/<str:id>/delete/": Audited("classification.delete"),
    "/classify/<str:id>/correct/": Audited("dataset.correct"),
    "/experiments/<str:id>/layers/images/ask/": Audited("evaluation.study"),
    "/experiments/<str:id>/growing/ask/": Audited("evaluation.study"),
    "/evaluations/<str:id>/map/compute/": Audited("evaluation.map"),
    "/reports/<str:id>/edit/": Audited("report.edit"),
    "/reports/<str:id>/card/intended/": Audited("report.edit"),
    "/reports/<str:id>/blocks/add/": Audited("report.edit"),
    "/reports/blocks/<str:id>/change/": Audited("report.edit"),
    "/reports/blocks/<str:id>/move/": Audited("report.edit"),
    "/reports/blocks/<str:id>/remove/": Audited("report.edit"),
    "/reports/<str:id>/comments/": Audited("report.comment"),
    "/reports/comments/<str:id>/edit/": Audited("report.comment"),
    "/reports/comments/<str:id>/delete/": Audited("report.comment"),
    "/reports/<str:id>/snapshots/": Audited("report.freeze", before=renamed),
    "/reports/snapshots/<str:id>/delete/": Audited("report.unfreeze"),
    "/reports/<str:id>/links/": Audited("report.share"),
    "/reports/links/<str:id>/revoke/": Audited("report.revoke"),
    "/reports/<str:id>/model": Audited("model.download"),
    "/shared/<str:code>/model": Audited("model.download"),
    "/experiments/rate/": Audited("experiment.find_lr"),
    "/experiments/rate/<str:id>/cancel/": Audited("job.cancel", before=searching),
    "/models/weights/": Audited("weights.upload"),
    "/models/weights/<str:id>/delete/": Audited("weights.delete"),
    "POST /weights": Audited("weights.upload"),
    "DELETE /weights/{id}": Audited("weights.delete"),
    "/team/audit.csv": Audited("team.export"),
    "POST /datasets": Audited("dataset.create"),
    "POST /datasets/from/bucket": Audited("dataset.create"),
    "DELETE /uploads/{id}": Audited("dataset.discard"),
    "POST /datasets/from/address": Audited("dataset.create"),
    "POST /datasets/{id}/draft/seal": Audited("dataset.seal", before=drafted),
    "DELETE /datasets/{id}/draft": Audited("dataset.discard_draft", before=drafted),
    "POST /datasets/{id}/versions/{number}/revert": Audited("dataset.revert", before=twice_sealed),
    "POST /datasets/{id}/quality": Audited("dataset.check"),
    "DELETE /datasets/{id}": Audited("dataset.archive"),
    "POST /experiments": Audited("experiment.launch"),
    "POST /experiments/{id}/again": Audited("experiment.again", before=drafted),
    "POST /experiments/{id}/replays": Audited("experiment.launch"),
    "DELETE /experiments/{id}": Audited("experiment.delete"),
    "POST /experiments/{id}/evaluations": Audited("evaluation.request", {"split": "validation"}),
    "PATCH /experiments/{id}/unsure": Audited("experiment.unsure"),
    "DELETE /evaluations/{id}": Audited("evaluation.delete", before=fruitless),
    "POST /classifications": Audited("classification.create", named="network=experiment"),
    "POST /classifications/{id}/again": Audited("classification.create", named="network=experiment"),
    "DELETE /classifications/{id}": Audited("classification.delete"),
    "POST /classifications/{id}/corrections": Audited("dataset.correct"),
    "POST /evaluations/{id}/probes": Audited("evaluation.study"),
    "POST /experiments/{id}/growth": Audited("evaluation.study"),
    "POST /experiments/{id}/filters": Audited("evaluation.study"),
    "POST /evaluations/{id}/map": Audited("evaluation.map"),
    "PATCH /reports/{id}": Audited("report.edit"),
    "POST /reports/{id}/blocks": Audited("report.edit"),
    "PATCH /reports/{id}/blocks/{block}": Audited("report.edit"),
    "DELETE /reports/{id}/blocks/{block}": Audited("report.edit"),
    "PATCH /reports/{id}/card": Audited("report.edit"),
    "POST /reports/{id}/snapshots": Audited("report.freeze", before=renamed),
    "DELETE /reports/{id}/snapshots/{snapshot}": Audited("report.unfreeze"),
    "POST /reports/{id}/links": Audited("report.share"),
    "DELETE /reports/{id}/links/{link}": Audited("report.revoke"),
    "POST /jobs/{id}/cancel": Audited("job.cancel", before=waiting),
    "POST /jobs/{id}/pause": Audited("job.pause", before=waiting),
    "POST /jobs/{id}/resume": Audited("job.resume", before=paused),
    "POST /jobs/{id}/finish": Audited("job.finish", before=running),
    "POST /jobs/{id}/retry": Audited("job.retry", before=failed),
}
# What takes more than the world has; the test that shows it.
SHOWN_BY: dict[str, tuple[str, str]] = {
    "/account/teams/<str:id>/leave/": ("member.leave", "test_links_end_when_their_maker_leaves"),
    "/login/": ("session.start", "test_signing_in_and_out_stand_in_the_log_of_each_team"),
    "/setup/<slug:code>/": ("member.create", "test_the_first_owner_stands_in_the_log"),
    "/invite/<slug:code>/": ("member.join", "test_who_joined_and_who_invited_stands_in_the_log"),
    "/password/reset/<slug:code>/": ("password.reset", "test_making_and_using_a_link_stand_in_the_log"),
    "/datasets/bring/address/": ("dataset.create", "test_a_dataset_of_an_address_stands_in_the_log_without_its_key"),
    "/datasets/bring/folder/": ("dataset.create", "test_a_dataset_of_a_server_folder_stands_in_the_log"),
    "POST /datasets/from/folder": ("dataset.create", "test_a_dataset_of_a_server_folder_stands_in_the_log"),
    "/datasets/upload/": ("dataset.create", "test_a_new_dataset_stands_in_the_log"),
    "/datasets/uploads/<str:id>/": ("dataset.create", "test_an_archive_in_parts_stands_in_the_log_once_it_is_whole"),
    "PATCH /uploads/{id}": ("dataset.create", "test_an_archive_in_parts_stands_in_the_log_once_it_is_whole"),
    "/datasets/<str:id>/replace/": ("dataset.replace", "test_another_archive_and_another_try_stand_in_the_log"),
    "POST /datasets/{id}/preview": ("dataset.take", "test_who_let_it_be_imported_by_a_call_stands_in_the_log"),
    "/datasets/<str:id>/decide/": ("dataset.take", "test_who_let_it_be_imported_stands_in_the_log"),
    "/classify/correct/": ("dataset.correct", "test_who_corrected_how_many_stands_in_the_log"),
    "POST /datasets/{id}/corrections": ("dataset.correct", "test_who_corrected_how_many_stands_in_the_log"),
    "/datasets/<str:id>/retry/": ("dataset.retry", "test_another_archive_and_another_try_stand_in_the_log"),
}
DRAWN = "an edit of the draft, which keeps who made it and when; that the draft was sealed or discarded is written down"
HANDED = "hands images out for a while; what is said of them is an edit of the draft"
SILENT: dict[str, str] = {
    "/password/lost/": "asks for a mail, which whoever knows a name may; what is done with its link is written down",
    "/datasets/uploads/": "announces bytes; that they came, or were discarded, is written down",
    "POST /uploads": "announces bytes; that they came, or were discarded, is written down",
    "/team/switch/": "moves oneself to another page; changes nothing for others",
    "/datasets/<str:id>/draft/change/": DRAWN,
    "/datasets/<str:id>/quality/fix/": DRAWN,
    "/datasets/<str:id>/label/<str:round>/answer/": DRAWN,
    "/datasets/<str:id>/label/<str:round>/undo/": DRAWN,
    "/datasets/<str:id>/label/<str:round>/settle/": DRAWN,
    "/datasets/<str:id>/label/<str:round>/next/": HANDED,
    "/datasets/<str:id>/label/<str:round>/leave/": HANDED,
    "/datasets/<str:id>/label/<str:round>/change/": "closes a round, which stands in its row; a review is written down",
    "/datasets/<str:id>/draft/change-matching/": DRAWN,
    "/datasets/<str:id>/draft/add/": DRAWN,
    "/datasets/<str:id>/draft/addition/": DRAWN,
    "/datasets/<str:id>/draft/waiting/<int:addition>/change/": DRAWN,
    "/datasets/<str:id>/draft/undo/": DRAWN,
    "/evaluations/<str:id>/images/change/": DRAWN,
    "/evaluations/<str:id>/images/undo/": DRAWN,
    "/datasets/<str:id>/draft/class/": DRAWN,
    "/datasets/<str:id>/draft/split/": DRAWN,
    "POST /datasets/{id}/rounds/{round}/answers": DRAWN,
    "POST /datasets/{id}/rounds/{round}/undo": DRAWN,
    "POST /datasets/{id}/rounds/{round}/settlements": DRAWN,
    "POST /datasets/{id}/rounds/{round}/next": HANDED,
    "POST /datasets/{id}/rounds/{round}/leave": HANDED,
    "POST /datasets/{id}/rounds/{round}/changes": "closes a round, which stands in its row; a review is written down",
    "POST /datasets/{id}/draft/changes": DRAWN,
    "POST /datasets/{id}/draft/additions/{addition}/changes": DRAWN,
    "POST /datasets/{id}/draft/undo": DRAWN,
    "POST /datasets/{id}/quality/fixes": DRAWN,
    "/experiments/preview/": "works something out and keeps nothing",
    "/experiments/preview/samples/": "works something out and keeps nothing",
    "/reports/preview/": "works something out and keeps nothing",
    "/classify/run/": "answers and keeps nothing",
    "/classify/why/": "answers and keeps nothing",
    "POST /experiments/{id}/classify": "answers and keeps nothing",
    "POST /models/{name}/classify": "answers and keeps nothing",
    "POST /experiments/{id}/explain": "answers and keeps nothing",
    "POST /models/{name}/explain": "answers and keeps nothing",
    "POST /tickets": "opens one socket to read, for a minute",
}
CHANGING = {name for name, route in {**PAGES, **CALLS}.items() if route.method not in ("get", "head", "options")}
