"""Alert packets of LSST, ZTF and other surveys."""
