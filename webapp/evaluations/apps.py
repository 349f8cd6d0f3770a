from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "webapp.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from webapp.experiments.hooks import when_finished

        when_finished.add("webapp.evaluations.actions.of_training")
