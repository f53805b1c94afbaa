from tests.delivery.conftest import _any_machine_is_in_time, send_all, states

__all__ = ["_any_machine_is_in_time", "send_all", "states"]
