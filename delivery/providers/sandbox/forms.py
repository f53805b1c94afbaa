from delivery.forms.account import AccountForm


class SandboxForm(AccountForm):
    """Only the name can be set."""
