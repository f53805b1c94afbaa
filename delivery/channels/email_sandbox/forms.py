from delivery.forms.account import AccountForm


class SandboxForm(AccountForm):
    """Nothing to set but the name."""
