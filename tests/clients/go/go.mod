module stayler/clienttest

go 1.19

require stayler/worker v0.0.0

replace stayler/worker => ../../../clients/go
