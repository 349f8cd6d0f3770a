from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "webapp.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from webapp.datasets.hooks import users_from
        from webapp.experiments.hooks import when_finished

        users_from.add("webapp.evaluations.queries.uses_of_datasets")
        when_finished.add("webapp.evaluations.actions.of_training")
