from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "webapp.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from webapp.datasets import hooks as datasets
        from webapp.datasets.hooks import saw_from, users_from, when_erased
        from webapp.experiments.hooks import pages_from, when_finished

        users_from.add("webapp.evaluations.queries.uses_of_datasets")
        saw_from.add("webapp.evaluations.erasing.saw")
        when_erased.add("webapp.evaluations.erasing.forget")
        when_erased.add("webapp.evaluations.space.actions.forget")
        when_erased.add("webapp.evaluations.exciting.erasing.forget")
        when_finished.add("webapp.evaluations.actions.of_training")
        pages_from.add("webapp.evaluations.comparing.urls")
        pages_from.add("webapp.evaluations.exciting.urls")
        datasets.pages_from.add("webapp.evaluations.leaderboard.urls")
