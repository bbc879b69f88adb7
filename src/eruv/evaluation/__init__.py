"""Tests of trained networks: relations, recognition, linear probe, retrieval; and predictions."""
