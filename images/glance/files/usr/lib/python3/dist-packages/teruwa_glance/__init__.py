"""What Glance has besides Debian's package; see docs/adr/0025 of Teruwa."""
