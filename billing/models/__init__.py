from .quota import Quota

__all__ = ["Quota"]
