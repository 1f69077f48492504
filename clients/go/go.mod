module stayler/worker

go 1.19
