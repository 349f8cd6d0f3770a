from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "webapp.experiments"
    label = "experiments"

    def ready(self) -> None:
        from webapp.core.context import count_of
        from webapp.experiments.models import Experiment

        count_of("experiments", lambda team: Experiment.objects.filter(team=team))
