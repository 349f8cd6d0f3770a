"""Two teams with one of everything, and what was theirs: in the trash, and deleted for good."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.webapp.predictions.kit import classified
from webapp.accounts import actions as accounts
from webapp.accounts.actor import Actor
from webapp.accounts.models import Invitation, Membership, Role, Team, Token, User
from webapp.core.ids import new_id
from webapp.datasets import connections, labelling
from webapp.datasets.models import Connection, Dataset, LabelRound, Upload
from webapp.datasets.sealing import sealed
from webapp.datasets.uploads import begin
from webapp.evaluations.models import Evaluation
from webapp.experiments.actions import finished
from webapp.experiments.models import Experiment, RateSearch, WeightsFile
from webapp.jobs import actions as jobs
from webapp.predictions.models import Classification
from webapp.reports import actions as reports
from webapp.reports.actions.freezing import freeze
from webapp.reports.models import Report

SEEN = {"path": "red/1.png", "label": "red", "predicted": "blue", "probability": 0.9, "loss": 2.5, "position": 1}
PASSWORD = "wren-under-7-eaves"
Trained = tuple[Path, dict[str, Any], Path, dict[str, Any]]


@dataclass
class Side:
    """One team's things, by the name that an address calls them: `ids["report"]` is its report's id, `ids["code"]` a share link's."""

    team: Team
    ids: dict[str, str] = field(default_factory=dict)


def person(name: str, role: str, team: Team) -> User:
    """A member."""
    user = User(username=name)
    user.set_password(PASSWORD)
    user.save()
    Membership.objects.create(user=user, team=team, role=role)
    return user


def dataset_of(team: Team, user: User, data: Path) -> Dataset:
    """An imported dataset, its pack where the server keeps it."""
    job = jobs.submit(team=team, user=user, kind="import", title="Colours")
    dataset = Dataset.objects.create(team=team, created_by=user, name="Colours", job=job, archive_name="colours.zip")
    shutil.copytree(data, dataset.folder / "data")
    jobs.finish(jobs.claim(job.id, "host@here:1"), also=lambda: sealed(dataset.id, dataset.folder / "data"))
    return Dataset.objects.get(id=dataset.id)


def experiment_of(dataset: Dataset, user: User, run: Path) -> Experiment:
    """A finished training with its evaluation and report, its files where the server keeps them."""
    job = jobs.submit(team=dataset.team, user=user, kind="train", title="First")
    made = {"team": dataset.team, "created_by": user, "dataset": dataset, "version": dataset.versions.get()}
    experiment = Experiment.objects.create(name="First", config=json.loads((run / "config.json").read_text()), job=job, **made)
    shutil.copytree(run, experiment.folder)
    jobs.finish(jobs.claim(job.id, "device@here:1"), also=lambda: finished(experiment.id, experiment.folder))
    return Experiment.objects.get(id=experiment.id)


def search_of(dataset: Dataset, user: User) -> RateSearch:
    """A search for a learning rate that has ended well."""
    job = jobs.submit(team=dataset.team, user=user, kind="find_lr", title="Learning rate of small_cnn")
    made = {"team": dataset.team, "created_by": user, "version": dataset.versions.get(), "config": {"model": "small_cnn"}}
    search = RateSearch.objects.create(job=job, suggested=0.01, curve=[{"rate": 0.01, "loss": 1.0}], **made)
    jobs.finish(jobs.claim(job.id, "device@here:1"))
    return search


def weights_of(team: Team, user: User) -> WeightsFile:
    """An uploaded file whose check has ended well."""
    job = jobs.submit(team=team, user=user, kind="weights", title="Mine")
    made = WeightsFile.objects.create(team=team, created_by=user, name="Mine", file_name="mine.pth", bytes=10, job=job)
    jobs.finish(jobs.claim(job.id, "host@here:1"))
    return made


def side(team: Team, user: User, trained: Trained) -> Side:
    """One of everything for a team."""
    dataset = dataset_of(team, user, trained[0])
    experiment = experiment_of(dataset, user, trained[2])
    evaluation = Evaluation.objects.get(experiment=experiment)
    report = Report.objects.get(evaluation=evaluation)
    token = Token.objects.get(digest=accounts.digest(accounts.create_token(user, "read", None, team, "nightly")))
    things = {"dataset": dataset, "experiment": experiment, "evaluation": evaluation, "report": report, "weights": weights_of(team, user)}
    things |= {"search": search_of(dataset, user), "classification": classified(experiment, user)}
    actor = Actor(user, team, Role.OWNER)
    things |= labelled(actor, dataset)
    invitation, _ = accounts.invite(actor, "viewer", 7)
    things |= {"job": experiment.job, "token": token, "team": team, "invitation": invitation}
    things["connection"] = connections.make(actor, f"Photos {len(team.connections.all())}", {"bucket": "photos"})
    things["upload"] = begin.begin(actor, 10, {"filename": "more.zip"})
    made = Side(team, {name: thing.pk for name, thing in things.items()} | {"session": session_of(user)})
    made.ids["member"] = team.memberships.order_by("-id").first().user.username
    shared(made, report, actor)
    return made


def labelled(actor: Actor, dataset: Dataset) -> dict[str, LabelRound]:
    """A round of labelling in which one label was confirmed, and a review of that."""
    round = labelling.start(actor, dataset)
    first = labelling.hand_out(actor, round).items[0]
    labelling.answer(actor, round, first.pk, first.was)
    return {"round": round, "review": labelling.start_review(actor, round, 1.0)}


def signed_in(user: User) -> Client:
    """A client of that person's browser."""
    client = Client()
    client.force_login(user)
    return client


def session_of(user: User) -> str:
    """The handle of a browser in which that person is signed in."""
    signed_in(user)
    return user.sessions.order_by("-seen_at").first().handle


def shared(made: Side, report: Report, actor: Actor) -> None:
    """A comment, two blocks, and a link that shows the report with its model and images; the code is kept as a stranger has it."""
    report.evaluation.mistakes = [{**SEEN, "image": 0}]
    report.evaluation.save(update_fields=["mistakes"])
    block = reports.add(actor, report, "gallery", choices={"what": "unsure"})
    reports.add(actor, report, "text", text="Look at the reds.", choices={})
    kept = freeze(actor, report)
    link, code = reports.share(actor, report, 7, with_model=True)
    made.ids |= {
        "block": block.pk,
        "snapshot": kept.pk,
        "comment": reports.comment(actor, report, "Look at the reds.").pk,
        "link": link.pk,
        "code": code,
    }


def throw_away(thrown: Side) -> None:
    """Everything of that side to the trash."""
    for model, name in ((Dataset, "dataset"), (Experiment, "experiment"), (Classification, "classification")):
        model.objects.filter(pk=thrown.ids[name]).update(trashed_at=timezone.now())


def delete(gone: Side) -> None:
    """Everything of that side for good; its ids are all that is left."""
    experiment = Experiment.everything.get(pk=gone.ids["experiment"])
    files, job = [experiment.folder, experiment.dataset.folder], experiment.job
    Classification.everything.filter(pk=gone.ids["classification"]).delete()
    Upload.objects.filter(pk=gone.ids["upload"]).delete()
    experiment.evaluations.all().delete()
    experiment.delete()
    Dataset.everything.get(pk=gone.ids["dataset"]).delete()
    job.delete()
    WeightsFile.objects.filter(pk=gone.ids["weights"]).delete()
    Connection.objects.filter(pk=gone.ids["connection"]).delete()
    Token.objects.filter(pk=gone.ids["token"]).delete()
    Invitation.objects.filter(pk=gone.ids["invitation"]).delete()
    for folder in files:
        shutil.rmtree(folder)


def nothing(ours: Side) -> Side:
    """Ids of the right form that nothing has."""
    return Side(ours.team, {name: new_id() for name in ours.ids} | {"code": secrets.token_urlsafe(24)})
