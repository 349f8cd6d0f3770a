"""Entries of the audit log in words, their groups, and which verbs a word searches."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from webapp.accounts.models import AuditEntry
from webapp.core.words import plural

# What stands after the person's name; {thing} is the subject's name then, the rest are the entry's details.
WORDS = {
    "dataset.create": "uploaded the dataset {thing}",
    "dataset.replace": "sent another archive for the dataset {thing}",
    "dataset.discard": "discarded the unfinished upload {thing}",
    "dataset.look": "corrected how the archive of the dataset {thing} is read",
    "dataset.take": "let the dataset {thing} be imported as it was shown",
    "dataset.retry": "imported the dataset {thing} again",
    "dataset.delete": "deleted the dataset {thing}",
    "dataset.archive": "archived the dataset {thing}",
    "dataset.restore": "restored the dataset {thing}",
    "dataset.leave": "left {findings} problems of the import of the dataset {thing} as they are",
    "dataset.recall": "took back that the problems of the import of the dataset {thing} are left as they are",
    "dataset.seal": "sealed version {version} of the dataset {thing}",
    "dataset.discard_draft": "discarded the draft of the dataset {thing}",
    "dataset.revert": "began a draft that brings back version {version} of the dataset {thing}",
    "dataset.erase": "had an image of the dataset {thing} erased",
    "dataset.correct": "corrected {images} images in the draft of the dataset {thing}, as {label}",
    "dataset.download": "downloaded version {version} of the dataset {thing}",
    "dataset.describe": "described the dataset {thing}",
    "dataset.label": "began to label the dataset {thing}: {round}",
    "dataset.suggest": "let {model} suggest labels for the dataset {thing}",
    "dataset.review": "began a review of labels of the dataset {thing}: {round}",
    "dataset.check": "checked the quality of the dataset {thing}",
    "experiment.launch": "launched the experiment {thing}",
    "experiment.again": "had the draft of {dataset} sealed, to train {thing} again",
    "experiment.cancel": "cancelled the experiment {thing}",
    "experiment.retry": "ran the experiment {thing} again",
    "experiment.delete": "deleted the experiment {thing}",
    "experiment.restore": "restored the experiment {thing}",
    "dataset.purge": "deleted the dataset {thing} for good",
    "experiment.purge": "deleted the experiment {thing} for good",
    "evaluation.request": "asked for an evaluation of {thing}",
    "evaluation.delete": "deleted an evaluation of {thing} that had no result",
    "evaluation.study": "had {thing} studied: {what}",
    "evaluation.map": "asked for a map of the images of {thing}",
    "classification.create": "had {thing} classified by {network}",
    "classification.delete": "deleted the classification of {thing}",
    "classification.restore": "restored the classification of {thing}",
    "classification.purge": "deleted the classification of {thing} for good, with its images",
    "job.cancel": "cancelled {title}",
    "job.pause": "paused {title}",
    "job.resume": "resumed {title}",
    "job.finish": "let {title} finish early",
    "job.retry": "ran {title} again",
    "report.edit": "edited the report {thing}",
    "report.freeze": "kept the report {thing} as it stands",
    "report.unfreeze": "deleted a snapshot of the report {thing}",
    "report.share": "shared the report {thing}",
    "report.revoke": "ended a share link of the report {thing}",
    "report.comment": "commented on the report {thing}",
    "experiment.unsure": "chose below what the network of {thing} is unsure",
    "experiment.find_lr": "searched for a learning rate on {thing}",
    "weights.upload": "uploaded the weights {thing}",
    "weights.delete": "deleted the weights {thing}",
    "model.download": "downloaded the trained weights of {thing}",
    "member.create": "made the account {thing} as {role}",
    "member.invite": "invited somebody as {role}",
    "member.uninvite": "revoked an invitation as {role}",
    "member.join": "joined the team as {role}",
    "member.role": "made {thing} {role}, who was {before}",
    "member.remove": "removed {thing} from the team",
    "member.leave": "left the team",
    "session.start": "signed in",
    "session.end": "signed out",
    "session.revoke": "signed {browser} out",
    "session.revoke_others": "signed out everywhere else",
    "session.lock": "held off signing in as {thing} after {failures} wrong passwords",
    "team.create": "made the team {thing}",
    "team.rename": "renamed the team from {before} to {thing}",
    "team.export": "downloaded the audit log",
    "connection.create": "made the connection {thing} to {bucket}",
    "connection.key": "gave the connection {thing} another key",
    "connection.test": "tested the connection {thing}",
    "connection.delete": "deleted the connection {thing} to {bucket}",
    "token.create": "made the token “{name}”, which may {scope}",
    "token.revoke": "revoked the token “{name}”",
    "password.link": "made a reset link for {thing}",
    "password.reset": "set a new password by a reset link",
    "password.change": "changed their password",
    "password.mail": "changed their mail address",
    "password.lock": "held off {thing} on the account page after {failures} wrong passwords",
}
# How a detail is told that no sentence names; of any other its name stands before its value.
DETAILS = {
    "address": "from {}",
    "change": "{}",
    "classifications": "also from {}",
    "dataset": "on {}",
    "days": "for {} days",
    "email": "for {}",
    "form": "as {}",
    "of": "by {}",
    "out_of": "out of the {}",
    "owner": "of {}",
}
FLAGS = {  # told where they are true
    "opens": "which opens",
    "with_model": "with its trained weights",
    "with_groups": "with its figures by group",
    "removed": "removed it",
}
ENDED = {"browsers", "share_links", "tokens"}  # counts of what ended with it
GROUPS = {
    "dataset": "Datasets",
    "experiment": "Experiments",
    "evaluation": "Evaluations",
    "classification": "Classifications",
    "job": "Jobs",
    "report": "Reports",
    "model": "Models",
    "weights": "Weights",
    "member": "Members",
    "session": "Sign-ins",
    "team": "Team",
    "connection": "Connections",
    "token": "Tokens",
    "password": "Passwords",
}
VIA = {"session": "in a browser", "token": "by a token", "ticket": "by a ticket", "link": "by a link", "command": "on the server"}


def words(entry: AuditEntry) -> str:
    """ "removed ann from the team"; of a verb that has no sentence yet, the verb and its thing."""
    if sentence := WORDS.get(entry.verb):
        return sentence.format_map(defaultdict(lambda: "–", known(entry)))
    group, _, did = entry.verb.partition(".")
    return " ".join(filter(None, (did.replace("_", " ") or group, entry.subject_kind, entry.subject)))


def known(entry: AuditEntry) -> dict[str, Any]:
    """What a sentence may name."""
    detail = entry.detail if isinstance(entry.detail, dict) else {}
    return {**{name: value for name, value in detail.items() if value not in ("", None)}, "thing": entry.subject}


def details(entry: AuditEntry) -> str:
    """What the sentence leaves out: "for 7 days, for ann@example.org"."""
    sentence = WORDS.get(entry.verb, "")
    left = {name: value for name, value in known(entry).items() if name != "thing" and f"{{{name}}}" not in sentence}
    return ", ".join(filter(None, (said(name, value) for name, value in left.items())))


def said(name: str, value: Any) -> str:
    """One detail in words; nothing of what did not happen."""
    if name in FLAGS:
        return FLAGS[name] if value else ""
    if name in ENDED:
        return f"{plural(value, name.removesuffix('s').replace('_', ' '))} ended" if value else ""
    words = ", ".join(map(str, value)) if isinstance(value, list) else value
    return DETAILS.get(name, f"{name.replace('_', ' ')} {{}}").format(words)


def verbs_of(word: str) -> list[str]:
    """The verbs whose sentence or name holds the word."""
    return [verb for verb, sentence in WORDS.items() if word.lower() in sentence.lower().replace("{", " ") or word.lower() in verb]
