"""The ways out. A provider is a folder here with provider.py and forms.py; adding one touches nothing else."""
