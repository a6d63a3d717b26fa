"""Programs that do a part of SER's work otherwise: as one writes it first, and as fast as the parts allow."""
