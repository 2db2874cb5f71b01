module teruwa.io/local/go/pause

go 1.23
