// The client of openapi-generator for Go: the same steps, and the same line of JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"foyer/client"
)

func must[T any](value T, response *http.Response, err error) (T, int) {
	if err != nil {
		log.Fatalf("%v %v", response, err)
	}
	return value, response.StatusCode
}

func open(path string) *os.File {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	return file
}

func main() {
	url, picture, csv, repositoryURL := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: url}}
	api := client.NewAPIClient(configuration)
	name := "by-openapi-generator-go"

	account := client.NewSignUpRequest(name, "ten green bottles", "1990-05-17", name+"@example.org")
	person, signUp := must(api.AccountsAPI.UsersCreate(context.Background()).SignUpRequest(*account).Execute())
	signedIn := context.WithValue(context.Background(), client.ContextAccessToken, person.Access)
	_, avatar := must(api.AccountsAPI.AvatarUpload(signedIn).Avatar(open(picture)).Execute())
	address := client.NewRepositoryCreateRequest(repositoryURL)
	repository, _ := must(api.TrafficAPI.RepositoriesCreate(signedIn).RepositoryCreateRequest(*address).Execute())
	imported, _ := must(api.TrafficAPI.RepositoriesImport(signedIn, repository.Id).File(open(csv)).Execute())
	me, _ := must(api.AccountsAPI.UsersMeRetrieve(signedIn).Execute())
	out, err := api.SessionsAPI.SessionsDeleteCurrent(signedIn).Execute()
	if err != nil {
		log.Fatal(err)
	}
	// What is not 2xx is an error, too.
	_, after, _ := api.AccountsAPI.UsersMeRetrieve(signedIn).Execute()

	line, _ := json.Marshal(map[string]any{
		"client": "openapi-generator-go", "signUp": signUp, "avatar": avatar, "days": imported.Days,
		"phone": me.Phone.Get(), "logOut": out.StatusCode, "after": after.StatusCode,
	})
	fmt.Println(string(line))
}
