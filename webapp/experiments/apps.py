from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "webapp.experiments"
    label = "experiments"

    def ready(self) -> None:
        from webapp.datasets.hooks import (
            networks_from,
            next_steps,
            saw_from,
            taken_along,
            users_from,
            when_erased,
            when_sealed,
            when_trashed,
        )

        users_from.add("webapp.experiments.queries.uses_of_datasets")
        networks_from.add("webapp.experiments.networks.networks")
        next_steps.add("webapp.experiments.quick.step")
        when_trashed.add("webapp.experiments.searches.end_on")
        taken_along.add("webapp.experiments.searches.forget_on")
        when_sealed.add("webapp.experiments.again.begin")
        saw_from.add("webapp.experiments.erasing.saw")
        when_erased.add("webapp.experiments.erasing.forget")
