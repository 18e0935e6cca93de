// Command authorize answers as the API server's authorizer would: from the standard input a JSON list of policies, each with
// its objects of RBAC and questions, and for each of them, on the standard output, a list of booleans.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

type policy struct {
	Roles               []*rbacv1.Role               `json:"roles"`
	RoleBindings        []*rbacv1.RoleBinding        `json:"roleBindings"`
	ClusterRoles        []*rbacv1.ClusterRole        `json:"clusterRoles"`
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding `json:"clusterRoleBindings"`
	Questions           []question                   `json:"questions"`
}

type question struct {
	AccountNamespace string `json:"accountNamespace"`
	Account          string `json:"account"`
	Verb             string `json:"verb"`
	Group            string `json:"group"`
	Resource         string `json:"resource"`
	Subresource      string `json:"subresource"`
	Namespace        string `json:"namespace"`
	Name             string `json:"name"`
}

func main() {
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, "authorize:", err)
		os.Exit(1)
	}
}

func answer() error {
	var policies []policy
	if err := json.NewDecoder(os.Stdin).Decode(&policies); err != nil {
		return err
	}
	answers := make([][]bool, len(policies))
	for i, p := range policies {
		_, roles := validation.NewTestRuleResolver(p.Roles, p.RoleBindings, p.ClusterRoles, p.ClusterRoleBindings)
		authorize := rbac.New(roles, roles, roles, roles)
		answers[i] = make([]bool, len(p.Questions))
		for j, q := range p.Questions {
			info := serviceaccount.UserInfo(q.AccountNamespace, q.Account, "")
			attributes := authorizer.AttributesRecord{
				User: &user.DefaultInfo{
					Name: info.GetName(),
					// The last is of everyone who was let in (k8s.io/apiserver/pkg/authentication/group).
					Groups: append(info.GetGroups(), user.AllAuthenticated),
				},
				Verb:            q.Verb,
				APIGroup:        q.Group,
				Resource:        q.Resource,
				Subresource:     q.Subresource,
				Namespace:       q.Namespace,
				Name:            q.Name,
				ResourceRequest: true,
			}
			decision, _, _ := authorize.Authorize(context.Background(), attributes)
			answers[i][j] = decision == authorizer.DecisionAllow
		}
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}
