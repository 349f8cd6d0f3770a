from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "webapp.experiments"
    label = "experiments"

    def ready(self) -> None:
        from webapp.datasets.hooks import next_steps, users_from

        users_from.add("webapp.experiments.queries.uses_of_datasets")
        next_steps.add("webapp.experiments.quick.step")
