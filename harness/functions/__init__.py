"""Runs deployed Python Lambda functions as local processes; knows no emulator. Start at `runtime`."""
