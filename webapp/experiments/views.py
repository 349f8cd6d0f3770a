"""Pages of experiments: the list, the launch form, and the live page that is also the page of the finished training."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from classifier.spec.errors import ConfigError, InputError
from webapp.accounts.actor import Request
from webapp.accounts.permissions import allowed, get_for
from webapp.core.form_keys import FIELD, kept_key
from webapp.core.ids import is_id
from webapp.core.parts import is_opened, part_of
from webapp.core.refusals import refusals_told
from webapp.core.returning import back, say
from webapp.core.zones import zone_of
from webapp.datasets.models import Dataset
from webapp.datasets.queries import newest_version
from webapp.experiments import actions, estimates, folds, listing, live, logs, queries, quick, searches, steps, watched, weights
from webapp.experiments.entries import sentence
from webapp.experiments.forms import LaunchForm
from webapp.experiments.live_views import REGIONS_ALONE, of_epochs, of_steps, regions
from webapp.experiments.models import Experiment
from webapp.experiments.presets import presets
from webapp.experiments.preview_views import frozen_of, schedule_of, texts_of_presets
from webapp.jobs import actions as jobs
from webapp.jobs.queries import position, started_about

SEARCH_LENGTH = 100
NO_MORE = 286  # ends htmx's asking again
CANCEL_WORDS = {
    "cancelled": "Cancelled.",
    "requested": "It stops at the next step and keeps its checkpoint.",
    "ended": "It had ended already.",
}
PAUSE_WORDS = {
    "paused": "Paused.",
    "requested": "It keeps a checkpoint at the next step and leaves its device.",
    "refused": "It had ended already, or is being cancelled.",
}


@require_GET
@allowed("experiment.read")
def experiment_list(request: Request) -> HttpResponse:
    """Every experiment of the team; with `cursor`, the rows after it."""
    sort, search = request.GET.get("sort", "newest"), request.GET.get("q", "")[:SEARCH_LENGTH].replace("\0", "")
    state, mine = request.GET.get("state", ""), request.GET.get("who") == "mine"
    wanted = listing.Wanted(request.actor.user if mine else None, state if state in listing.STATES else "")
    rows, following = listing.page(request.actor.team, sort, request.GET.get("cursor", ""), search, wanted)
    kept = {"q": search, "state": wanted.state, "who": "mine" if mine else ""}  # what a link to another order keeps
    query = urlencode({name: value for name, value in kept.items() if value})
    shown = {"rows": rows, "next": following, "sort": sort, "search": search, "state": wanted.state, "mine": mine, "query": query}
    shown |= {"states": listing.STATES.items(), "filtered": bool(query)}
    more = request.GET.get("cursor") and not is_opened(request)
    return render(request, "experiments/_rows.html" if more else "experiments/list.html", shown)


def started_form(request: Request) -> LaunchForm:
    """The form as a link opens it: for a dataset, with a preset, or from an earlier experiment with some changes."""
    actor = request.actor
    if earlier := request.GET.get("from"):
        source = get_for(actor, Experiment, earlier, "experiment.read")
        config = source.config | {"weights": weights.chosen(source.config.get("weights"))}
        return LaunchForm.starting(actor, config, source.dataset_id, source.name).changed(request.GET.dict())
    form = LaunchForm.starting(actor, {}, request.GET.get("dataset", ""), "")
    number = {"version": request.GET.get("version", "")[:10]}
    form.texts |= number
    if form.version is None and form.versions and not awaited(request):
        form, number = LaunchForm.starting(actor, {}, max(form.versions), ""), {}
    cards = presets(form.version)
    chosen = next((card for card in cards if card.key == request.GET.get("preset")), cards[0])
    started = LaunchForm.starting(actor, chosen.values, form.texts["dataset"], "")
    started.versions = form.versions
    started.texts |= number
    return started


def awaited(request: Request) -> Dataset | None:
    """The dataset that a link asks for while there is nothing of it to train on yet: no other is chosen in its place."""
    asked = request.GET.get("dataset", "")
    found = is_id(asked) and Dataset.objects.filter(team=request.actor.team, pk=asked).select_related("job").first()
    return found if found and newest_version(found) is None else None


@require_http_methods(["GET", "POST"])
@allowed("experiment.create")
def experiment_new(request: Request) -> HttpResponseBase:
    """The launch form."""
    if request.method != "POST":
        form = started_form(request)
        return render(request, "experiments/new.html", form_context(request, form))
    form = LaunchForm(request.actor, request.POST.dict())
    experiment = form.launch()
    if experiment is None:
        return render(request, "experiments/new.html", form_context(request, form), status=422)
    if experiment.trashed_at is not None:  # the same form once more, after what it made was deleted
        messages.info(request, f"{experiment.name} was launched already and is in the trash.")
        return redirect("experiments:list")
    return redirect("experiments:detail", experiment.id)


@require_POST
@allowed("experiment.create")
def experiment_quick(request: Request, dataset_id: str) -> HttpResponseBase:
    """Queue the quick check of a dataset."""
    dataset = get_for(request.actor, Dataset, dataset_id, "dataset.read")
    version = newest_version(dataset)
    try:
        made = version and quick.start(request.actor, dataset, version, kept_key(request.POST.get(FIELD, "")))
    except ConfigError as error:
        messages.error(request, " ".join(sentence(text) for text in error.fields.values()))
        return redirect("datasets:detail", dataset_id)
    if made is None:
        messages.error(request, "There is nothing to train on yet: it takes an import with two classes and two training images.")
        return redirect("datasets:detail", dataset_id)
    return redirect("experiments:detail", made.id)


def form_context(request: Request, form: LaunchForm) -> dict[str, Any]:
    """What the form's page needs; errors show after a try alone."""
    tried = dict(form.errors)
    config = form.check()
    schedule = schedule_of(form)
    before = estimates.before(form.version, config)
    form.errors = tried
    cards = presets(form.version)
    return {
        "form": form,
        "presets": cards,
        "preset": request.GET.get("preset", "" if request.method == "POST" or request.GET.get("from") else "quick"),
        "preset_values": texts_of_presets(request, cards),
        "schedule": schedule,
        "before": before,
        "frozen": frozen_of(form),
        "search": searches.running(request.actor),
        "awaited": awaited(request),
    }


@require_GET
@allowed("experiment.read")
def experiment_detail(request: Request, id: str) -> HttpResponse:
    """The live page, and the page of what came of it."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    shown = live.context(experiment)
    waiting = {"position": position(experiment.job), "starts": started_about(experiment.job)}
    if REGIONS_ALONE in request.headers:
        return regions(request, {**shown, **waiting})
    figures = {name: figure for name, figure in of_epochs(experiment, shown, by_step=False).items() if name not in steps.KINDS}
    figures |= of_steps(experiment, steps.FIRST, steps.View(), shown)
    figures |= live.matrix_figures(experiment, queries.matrix(experiment), live.FIRST_BY_CLASS)
    images = {"watched": watched.shown(experiment), "small": experiment.version.small}
    whole = {"validated_on": queries.validated_on(experiment), "has_top5": live.has_top5(experiment)}  # of the page, not of its regions
    log = logs.log_text(experiment, zone_of(request))
    return render(request, "experiments/detail.html", {**shown, **waiting, **images, **whole, "figures": figures, "log": log})


@require_GET
@allowed("experiment.read")
@part_of("experiments:detail")
def experiment_folds(request: Request, id: str) -> HttpResponse:
    """What the folds of its cross-validation say so far: their own pages tell each other nothing."""
    experiment = get_for(request.actor, Experiment, id, "experiment.read")
    told = folds.across(experiment)
    status = 200 if told and told.moving else NO_MORE
    return render(request, "experiments/_folds.html", {"experiment": experiment, "folds": told}, status=status)


@require_POST
@allowed("job.edit")
def experiment_cancel(request: Request, id: str) -> HttpResponse:
    """Stop it; what it has learnt so far is kept."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    told = jobs.request_cancel(experiment.job, request.actor)
    messages.info(request, CANCEL_WORDS[told])
    return redirect("experiments:detail", id)


@require_POST
@allowed("job.edit")
def experiment_pause(request: Request, id: str) -> HttpResponse:
    """Set it aside, with a checkpoint."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    messages.info(request, PAUSE_WORDS[jobs.pause(experiment.job, request.actor)])
    return redirect(back(request, reverse("experiments:detail", args=[id])))


@require_POST
@allowed("job.edit")
def experiment_resume(request: Request, id: str) -> HttpResponse:
    """Queue it again; it goes on from its checkpoint."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    resumed = jobs.resume(experiment.job, request.actor)
    messages.info(request, "It waits for a free device and goes on from its checkpoint." if resumed else "It is not paused.")
    return redirect(back(request, reverse("experiments:detail", args=[id])))


@require_POST
@allowed("job.edit")
def experiment_finish(request: Request, id: str) -> HttpResponse:
    """Let it end after the epoch under way."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    asked = jobs.finish_early(experiment.job, request.actor)
    messages.info(request, "It ends after this epoch, with its test and its report." if asked else "It does not run.")
    return redirect("experiments:detail", id)


@require_POST
@allowed("job.edit")
def experiment_retry(request: Request, id: str) -> HttpResponse:
    """Queue it again."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    with refusals_told(request):
        actions.retry(request.actor, experiment)
    return redirect("experiments:detail", id)


@require_POST
@allowed("job.edit")
def experiment_delete(request: Request, id: str) -> HttpResponse:
    """To the trash, with all that came of it."""
    experiment = get_for(request.actor, Experiment, id, "job.edit")
    try:
        actions.delete(request.actor, experiment)
    except InputError as error:
        messages.error(request, error.message)
        return redirect("experiments:detail", id)
    say(request, f"{experiment.name} is in the trash.", experiment=[id])
    return redirect("experiments:list")
